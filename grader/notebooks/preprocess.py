"""Steps of `nbgrader autograde`: mend a notebook's cells, grade in the sandbox in the place of a kernel."""

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
from grader.failures.visible_to_student import Shown, visible_to_student
from grader.grading.results import ExerciseResult, SubmissionResult
from grader.notebooks.make import BEGIN_HIDDEN, BEGIN_SOLUTION, HIDDEN_LINE, SETUP_NAME, grade_id
from grader.notebooks.service import Service, service_for
from grader.reports.feedback import tally_of

Converted: TypeAlias = tuple[NotebookNode, dict[str, Any]]


class CoursePreprocessor(NbGraderPreprocessor):
    """A preprocessor that knows the course."""

    course_file = Unicode("", help="The path of course.yaml.").tag(config=True)

    def service(self) -> Service:
        """Return what grades the submissions of this nbgrader course."""
        return service_for(Path(self.course_file), Path(self.config.CourseDirectory.root))


class ClearToStub(ClearSolutions):
    """Takes solutions out as the stub has it: what stands in their place says where to start."""

    def _replace_solution_region(self, cell: NotebookNode, language: str) -> bool:
        if BEGIN_SOLUTION not in cell.source:
            return super()._replace_solution_region(cell, language)
        cell.source = make_stub(cell.source, "the cell").rstrip("\n")
        return True


class MendCells(NbGraderPreprocessor):
    """Puts right what students do to cells: deleted ones come back, copies and broken metadata lose their claim."""

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> Converted:
        about = resources["nbgrader"]
        with Gradebook(about["db_url"]) as gradebook:
            notebook = gradebook.find_notebook(about["notebook"], about["assignment"])
            due = _cells_of(notebook)
        marks = {name: {"nbgrader": from_dict(cell.mark)} for name, cell in due.items()}
        seen: set[str] = set()
        # Of two cells with one id the later counts, as it does when they are run.
        for cell in reversed(nb.cells):
            own = cell.metadata.pop("nbgrader", None)
            name = own.get("grade_id") if isinstance(own, dict) else None
            if isinstance(name, str) and name in marks and name not in seen:
                seen.add(name)
                cell.metadata |= marks[name]
        names = list(due)
        for number, name in enumerate(names):
            if name not in seen:
                nb.cells.insert(_after(nb, names[:number]), due[name].made())
        return nb, resources


class GradeInSandbox(CoursePreprocessor):
    """Takes the place of nbgrader's `Execute`: the grader marks the submission, and the outputs say how it went.

    nbgrader reads the scores off these outputs: an error is none, a number is partial credit, anything else full.
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
        if result.fault:
            raise GraderError(
                f"{about['student']}: the grader couldn't run a check. Grade again: grader nbgrader autograde"
            )
        write_outputs(nb, service.course, exercise, result)
        nb.metadata.grader = {
            "exercise": exercise.id,
            "graded": service.stamp(submission),
        }
        return nb, resources


def write_outputs(nb: NotebookNode, course: Course, exercise: Exercise, result: SubmissionResult) -> None:
    """Write what came of the checks into their cells; of a hidden check no more than the course tells."""
    found = result.exercises[exercise.id]
    by_cell = {grade_id(check): told for check, told in zip(exercise.checks, found.checks, strict=True)}
    kept = 1.0 if not found.builtins else _share_kept(found)
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
            shown = visible_to_student(check, check, course.feedback_level(exercise.id))
            cell.metadata.grader = {"title": shown.title or "A hidden check"}
            cell.outputs = _outputs(shown, exercise, kept * check.points, kept)
        elif cell.metadata.get("nbgrader", {}).get("grade") and not cell.metadata.nbgrader.get("solution"):
            cell.outputs = [_failed(["This cell is not one of the course's checks, so it was not run."], "not run")]


def _outputs(shown: Shown, exercise: Exercise, points: float, kept: float) -> list[NotebookNode]:
    if shown.status == "passed":
        told = [shown.title] if shown.hidden and shown.title else []
        printed = _printed("  ".join(["\x1b[32;1mPASSED\x1b[0m", *told]))
        if kept == 1:
            return [printed]
        if kept == 0:
            return [_failed(["Passed, but gives no points: see the first cell."], "no points")]
        data = {"text/plain": repr(points)}
        return [printed, _output("execute_result", data=data, execution_count=1, metadata={})]
    return [_failed(in_full_or_brief(shown, Cells(exercise.id)), shown.status)]


def _share_kept(found: ExerciseResult) -> float:
    earned = sum(check.score for check in found.checks)
    return found.score / earned if earned else 0.0


def _summary(course: Course, exercise: Exercise, result: SubmissionResult) -> list[str]:
    """Say how it went in a few lines: the count, the mistakes by their names, the checks that did not pass."""
    found = result.exercises[exercise.id]
    level = course.feedback_level(exercise.id)
    lines = [tally_of(found), *(text for text in (found.together, found.builtins) if text), *result.notes]
    failed = [check for check in found.checks if check.status not in ("passed", "skipped")]
    shown = [visible_to_student(check, check, level) for check in failed]
    mistakes = dict.fromkeys(one.mistakes for one in shown if one.mistakes)
    lines += [f"Mistake: {explained(made)}" for made in mistakes]
    if found.status != "not_started":
        lines += [f"- {in_brief(one)[0]}" for one in shown]
    return lines if result.sandboxed else [*lines, "Graded without a sandbox."]


def _printed(text: str) -> NotebookNode:
    return _output("stream", name="stdout", text=f"{text}\n")


def _failed(lines: Sequence[str], status: str) -> NotebookNode:
    return _output("error", ename=status, evalue=lines[0], traceback=[in_red(status, on_a_page(lines))])


def _output(kind: str, **fields: Any) -> NotebookNode:
    """Make an output; nbformat would validate each, and the notebook is validated as a whole when it is written."""
    output: NotebookNode = from_dict({"output_type": kind, **fields})
    return output


@dataclass(frozen=True)
class _DueCell:
    """A cell that a notebook is to have: its source, and its mark in the metadata."""

    source: str
    mark: dict[str, Any]

    def made(self) -> NotebookNode:
        """Make the cell."""
        cell = (new_code_cell if self.mark["cell_type"] == "code" else new_markdown_cell)(self.source)
        cell.metadata.nbgrader = from_dict(self.mark)
        return cell


def grade_cells(notebook: Any) -> list[GradeCell]:
    """List a notebook's cells that give points, with one question: `notebook.grade_cells` asks once more for each."""
    session = object_session(notebook)
    assert session is not None
    return session.query(GradeCell).filter_by(notebook_id=notebook.id).all()


def _cells_of(notebook: Any) -> dict[str, _DueCell]:
    """List the cells of a notebook that the gradebook knows, as it knows them, by their ids."""
    points = {cell.name: cell.max_score for cell in grade_cells(notebook)}
    tasks = {cell.name: cell.max_score for cell in notebook.task_cells}
    solutions = {cell.name for cell in notebook.solution_cells} | tasks.keys()
    due = {}
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
        due[source.name] = _DueCell(source.source, mark)
    return due


def _after(nb: NotebookNode, names: list[str]) -> int:
    """Return the place after the last of some cells that is there."""
    for name in reversed(names):
        for place, cell in enumerate(nb.cells):
            if cell.metadata.get("nbgrader", {}).get("grade_id") == name:
                return place + 1
    return 0
