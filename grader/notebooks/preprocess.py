"""Steps of `nbgrader autograde`: repair a notebook's cells, and grade in the sandbox instead of a kernel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from nbformat import NotebookNode, from_dict
from nbformat.v4 import new_code_cell, new_markdown_cell
from nbgrader.api import Gradebook, GradeCell
from nbgrader.preprocessors import ClearSolutions, Execute, NbGraderPreprocessor
from sqlalchemy.orm import object_session
from traitlets import Unicode

from grader.course import Course, Exercise
from grader.course.stub import make_stub
from grader.errors import GraderError
from grader.failures.as_notebook import Cells, in_red, on_a_page
from grader.failures.as_text import explained, in_brief, in_full_or_brief
from grader.failures.repeats import SaidBefore
from grader.failures.visible_to_student import Shown, visible_to_student
from grader.grading.results import SubmissionResult
from grader.notebooks.make import BEGIN_HIDDEN, BEGIN_SOLUTION, HIDDEN_LINE, SETUP_NAME, grade_id
from grader.notebooks.service import Service, service_for
from grader.notebooks.withheld import release, withhold
from grader.reports.feedback import tally_of
from grader.reports.score_in_words import NOT_SANDBOXED, exercise_notes

Converted: TypeAlias = tuple[NotebookNode, dict[str, Any]]


class CoursePreprocessor(NbGraderPreprocessor):
    """A preprocessor that knows the course."""

    course_file = Unicode("", help="The path of course.yaml.").tag(config=True)

    def service(self) -> Service:
        """Return the service that grades the submissions of this nbgrader course."""
        return service_for(Path(self.course_file), Path(self.config.CourseDirectory.root))


class ClearToStub(ClearSolutions):
    """Removes solutions as in the stub, and leaves a line that says where to start."""

    def _replace_solution_region(self, cell: NotebookNode, language: str) -> bool:
        if BEGIN_SOLUTION not in cell.source:
            return super()._replace_solution_region(cell, language)
        cell.source = make_stub(cell.source, "the cell").rstrip("\n")
        return True


class RepairCells(NbGraderPreprocessor):
    """Repairs what students do to cells: it restores deleted ones, and ignores copies and broken metadata."""

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> Converted:
        about = resources["nbgrader"]
        with Gradebook(about["db_url"]) as gradebook:
            notebook = gradebook.find_notebook(about["notebook"], about["assignment"])
            expected = _cells_of(notebook)
        marks = {name: {"nbgrader": from_dict(cell.mark)} for name, cell in expected.items()}
        seen: set[str] = set()
        # If two cells have the same id, the later one counts, as when they are run.
        for cell in reversed(nb.cells):
            mark = cell.metadata.pop("nbgrader", None)
            name = mark.get("grade_id") if isinstance(mark, dict) else None
            if isinstance(name, str) and name in marks and name not in seen:
                seen.add(name)
                cell.metadata |= marks[name]
        names = list(expected)
        for number, name in enumerate(names):
            if name not in seen:
                nb.cells.insert(_after(nb, names[:number]), expected[name].made())
        return nb, resources


class GradeInSandbox(CoursePreprocessor):
    """Replaces nbgrader's `Execute`: the grader grades the submission, and the outputs show the results.

    nbgrader reads the scores from these outputs: no points for an error, part for a number, full for anything else.
    Notebooks that are not of this course are executed as nbgrader does it.
    """

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> Converted:
        about = resources["nbgrader"]
        service = self.service()
        exercise = service.course.by_id.get(about["notebook"])
        if exercise is None:
            executed: Converted = Execute(parent=self.parent).preprocess(nb, resources)
            return executed
        submission = service.submission(about["student"], about["assignment"])
        (result,) = service.grade([submission])
        root = Path(self.config.CourseDirectory.root)
        if result.fault:
            withhold(root, about["assignment"], about["student"])
            raise GraderError(
                f"{about['student']}: the grader couldn't run a check. Grade again: grader nbgrader autograde"
            )
        if exercise.id not in result.exercises:
            raise GraderError(
                f"{exercise.id}.ipynb is not part of `{about['assignment']}` in {service.course.file.name}. Add it to "
                "the assignment's exercises there, or remove it from the assignment."
            )
        release(root, about["assignment"], about["student"])
        write_outputs(nb, service.course, exercise, result)
        nb.metadata.grader = {
            "exercise": exercise.id,
            "graded": service.stamp(submission),
        }
        return nb, resources


def write_outputs(nb: NotebookNode, course: Course, exercise: Exercise, result: SubmissionResult) -> None:
    """Write the results of the checks into their cells; for a hidden check, only as much as the course allows."""
    graded = result.exercises[exercise.id]
    by_cell = {grade_id(check): outcome for check, outcome in zip(exercise.checks, graded.checks, strict=True)}
    kept = 1.0 if graded.builtins is None else graded.builtins.share
    said_before = SaidBefore()
    for cell in nb.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        if cell.cell_type != "code":
            continue
        if name == f"{exercise.id}-{SETUP_NAME}":
            cell.outputs = [_printed(on_a_page(_summary(course, exercise, result)))]
        elif name in by_cell:
            if BEGIN_HIDDEN in cell.source:
                cell.source = HIDDEN_LINE
            check = by_cell[name]
            shown = said_before.shortened(visible_to_student(check, check, course.feedback_level(exercise.id)))
            cell.metadata.grader = {"title": shown.title or "A hidden check"}
            cell.outputs = _outputs(shown, exercise, kept * check.score, kept)
        elif cell.metadata.get("nbgrader", {}).get("grade") and not cell.metadata.nbgrader.get("solution"):
            cell.outputs = [_failed(["This cell is not one of the course's checks, so it was not run."], "not run")]


def _outputs(shown: Shown, exercise: Exercise, points: float, kept: float) -> list[NotebookNode]:
    if shown.status == "passed":
        title = [shown.title] if shown.hidden and shown.title else []
        printed = _printed("  ".join(["\x1b[32;1mPASSED\x1b[0m", *title]))
        if kept == 1:
            return [printed]
        if kept == 0:
            return [_failed(["Passed, but gives no points: see the first cell."], "no points")]
        return [printed, _partial(points)]
    lines = in_full_or_brief(shown, Cells(exercise.id))
    if not points:
        return [_failed(lines, shown.status)]
    # To nbgrader, an error would mean no points at all.
    return [_printed(in_red(shown.status, on_a_page(lines))), _partial(points)]


def _summary(course: Course, exercise: Exercise, result: SubmissionResult) -> list[str]:
    """Summarize the results in a few lines: the count, the named mistakes, the checks that did not pass."""
    graded = result.exercises[exercise.id]
    level = course.feedback_level(exercise.id)
    lines = [tally_of(graded), *exercise_notes(graded), *result.remarks]
    failed = [check for check in graded.checks if check.status not in ("passed", "skipped")]
    shown = [visible_to_student(check, check, level) for check in failed]
    mistakes = dict.fromkeys(check.mistakes for check in shown if check.mistakes)
    lines += [f"Mistake: {explained(made)}" for made in mistakes]
    if graded.status != "not_started":
        lines += [f"- {in_brief(check)[0]}" for check in shown]
    return lines if result.sandboxed else [*lines, NOT_SANDBOXED]


def _printed(text: str) -> NotebookNode:
    return _output("stream", name="stdout", text=f"{text}\n")


def _failed(lines: Sequence[str], status: str) -> NotebookNode:
    return _output("error", ename=status, evalue=lines[0], traceback=[in_red(status, on_a_page(lines))])


def _partial(points: float) -> NotebookNode:
    """Give a cell a part of its points."""
    data = {"text/plain": repr(points)}
    return _output("execute_result", data=data, execution_count=1, metadata={})


def _output(kind: str, **fields: Any) -> NotebookNode:
    """Make an output, which nbformat would validate; the notebook is validated as a whole when it is written."""
    output: NotebookNode = from_dict({"output_type": kind, **fields})
    return output


@dataclass(frozen=True)
class _ExpectedCell:
    """A cell that a notebook should have: its source, and its mark in the metadata."""

    source: str
    mark: dict[str, Any]

    def made(self) -> NotebookNode:
        """Make the cell."""
        cell = (new_code_cell if self.mark["cell_type"] == "code" else new_markdown_cell)(self.source)
        cell.metadata.nbgrader = from_dict(self.mark)
        return cell


def grade_cells(notebook: Any) -> list[GradeCell]:
    """List a notebook's cells that give points, with one query; `notebook.grade_cells` needs one more for each."""
    session = object_session(notebook)
    assert session is not None
    return session.query(GradeCell).filter_by(notebook_id=notebook.id).all()


def _cells_of(notebook: Any) -> dict[str, _ExpectedCell]:
    """List the cells of a notebook that the gradebook knows, by id, with their original content."""
    points = {cell.name: cell.max_score for cell in grade_cells(notebook)}
    tasks = {cell.name: cell.max_score for cell in notebook.task_cells}
    solutions = {cell.name for cell in notebook.solution_cells} | tasks.keys()
    cells = {}
    for source in notebook.source_cells:
        mark = {
            "schema_version": 3,
            "grade_id": source.name,
            "grade": source.name in points,
            "solution": source.name in solutions,
            "locked": bool(source.locked),
            "task": source.name in tasks,
            "cell_type": source.cell_type,
            "checksum": source.checksum,
        }
        if source.name in points | tasks:
            mark["points"] = (points | tasks)[source.name]
        cells[source.name] = _ExpectedCell(source.source, mark)
    return cells


def _after(nb: NotebookNode, names: list[str]) -> int:
    """Return the position after the last of these cells that exists."""
    for name in reversed(names):
        for position, cell in enumerate(nb.cells):
            if cell.metadata.get("nbgrader", {}).get("grade_id") == name:
                return position + 1
    return 0
