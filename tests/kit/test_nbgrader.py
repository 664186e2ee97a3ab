"""A class goes through the real nbgrader, from creating the course to the feedback, and gets the right scores."""

from __future__ import annotations

import copy
import csv
import dataclasses
import datetime
import importlib
import importlib.metadata
import inspect
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
import yaml
from nbformat import NotebookNode
from nbgrader.api import Gradebook

from benchmarks.demo_class import MISTAKES, make_class
from benchmarks.notebook_class import hand_in, solved
from grader.course import Course, load_course
from grader.grading import take_in
from grader.grading.results import SubmissionResult
from grader.grading.run import grade
from grader.notebooks.make import grade_id

ROOT = Path(__file__).resolve().parents[2]
DUE = "2026-01-10T12:00:00+00:00"
LATE = "2026-01-10 14:30:00 UTC"
NORM, BLOCK = "layer_norm", "gpt_block"

LATE_PENALTY = """
from nbgrader.plugins import BasePlugin


class TwoPointsAnHour(BasePlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return 2 * round(total_seconds_late / 3600)


c.AssignLatePenalties.plugin_class = TwoPointsAnHour
"""


@dataclasses.dataclass(frozen=True)
class NbgraderCourse:
    """A course, the nbgrader course made from it, and a function that runs a command there."""

    course: Course
    root: Path
    run: Callable[..., str]

    def gradebook(self) -> Gradebook:
        return Gradebook(f"sqlite:///{self.root / 'gradebook.db'}")

    def scores(self, assignment: str, exercise: str) -> dict[str, dict[str, float | None]]:
        """Return the score of each cell of each student."""
        with self.gradebook() as gradebook:
            return {
                submission.student.id: {grade.name: grade.score for grade in notebook.grades}
                for submission in gradebook.assignment_submissions(assignment)
                for notebook in submission.notebooks
                if notebook.name == exercise
            }


@pytest.fixture(scope="module")
def nb_course(tmp_path_factory: pytest.TempPathFactory) -> NbgraderCourse:
    """Make an nbgrader course with two assignments; the second one needs the first."""
    folder = tmp_path_factory.mktemp("nbgrader")
    for name in ("exercises", "solutions", "tests"):
        (folder / name).symlink_to(ROOT / name)
    block = yaml.safe_load((ROOT / "course.yaml").read_text(encoding="utf-8"))
    block["assignments"] = [
        {"id": "norms", "exercises": [NORM], "due": datetime.datetime.fromisoformat(DUE)},
        {"id": "blocks", "exercises": [BLOCK]},
    ]
    # One of the class never returns, and is waited for at each of its checks.
    block["limits"] |= {"call": 5, "after_timeout": 0.2}
    block["hidden_feedback"] = {"before_due": "category", "after_due": "title"}
    (folder / "course.yaml").write_text(yaml.safe_dump(block), encoding="utf-8")
    home = folder / "home"
    home.mkdir()
    # The environment of a shell in which the virtual environment is active, without this user's settings.
    path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    environment = {"HOME": str(home), "PATH": path, "LANG": "C.UTF-8", "OMP_NUM_THREADS": "1"}
    root = folder / "nb"

    def run(*command: str, status: int = 0) -> str:
        process = subprocess.run(
            command, cwd=root, env=environment, capture_output=True, text=True, timeout=600, check=False
        )
        assert process.returncode == status, f"{command}: {process.stdout[-3000:]}{process.stderr[-3000:]}"
        return process.stdout + process.stderr

    root.mkdir()
    made = run("grader", "nbgrader", "init", ".", "--course", str(folder / "course.yaml"))
    assert "Next: cd .; nbgrader generate_assignment norms" in made
    with (root / "nbgrader_config.py").open("a", encoding="utf-8") as file:
        file.write(f"{LATE_PENALTY}c.Exchange.root = {str(folder / 'exchange')!r}\n")
    run("nbgrader", "generate_assignment", "norms")
    run("nbgrader", "generate_assignment", "blocks")
    return NbgraderCourse(load_course(folder / "course.yaml"), root, run)


Change = Callable[[NotebookNode, Path], None]


def answer_of(notebook: NotebookNode) -> NotebookNode:
    """Return the cell with the answer."""
    return next(c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("solution"))


def checks_deleted(notebook: NotebookNode, path: Path) -> None:
    notebook.cells = [c for c in notebook.cells if not c.metadata.get("nbgrader", {}).get("grade")]


def all_but_the_answer_deleted(notebook: NotebookNode, path: Path) -> None:
    notebook.cells = [answer_of(notebook)]


def reordered(notebook: NotebookNode, path: Path) -> None:
    notebook.cells.reverse()


def answer_doubled(notebook: NotebookNode, path: Path) -> None:
    wrong = copy.deepcopy(answer_of(notebook))
    wrong.source, wrong.id = "class LayerNorm:\n    pass", "copy"
    notebook.cells.insert(0, wrong)


def answer_in_markdown(notebook: NotebookNode, path: Path) -> None:
    cell = answer_of(notebook)
    cell.cell_type = "markdown"
    del cell["outputs"], cell["execution_count"]


def helper_in_a_new_cell(notebook: NotebookNode, path: Path) -> None:
    cell = answer_of(notebook)
    cell.source = cell.source.replace("centered = x - x.mean(dim=-1, keepdim=True)", "centered = less_its_mean(x)")
    assert "less_its_mean" in cell.source
    # In nbgrader's own kernel, a line on stderr costs a check its points.
    helper = (
        "import sys\n\n"
        "def less_its_mean(x):\n"
        "    print('a line', file=sys.stderr)\n"
        "    return x - x.mean(dim=-1, keepdim=True)"
    )
    notebook.cells.append(nbformat.v4.new_code_cell(helper))


def magics_and_experiments(notebook: NotebookNode, path: Path) -> None:
    answer_of(notebook).source += "\n\n%timeit LayerNorm(3)\n!rm -rf ."
    notebook.cells.insert(0, nbformat.v4.new_code_cell("while True:\n    pass"))
    notebook.cells.append(nbformat.v4.new_code_cell("%%bash\nrm -rf ."))


def checks_changed(notebook: NotebookNode, path: Path) -> None:
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade"):
            cell.source, cell.metadata.nbgrader.points = "raise SystemExit", 1000
    notebook.metadata.kernelspec = {"name": "fortran", "display_name": "Fortran"}


def marks_broken(notebook: NotebookNode, path: Path) -> None:
    for number, cell in enumerate(notebook.cells):
        if "nbgrader" in cell.metadata and not cell.metadata.nbgrader.solution:
            cell.metadata.nbgrader = [3, {}, "x", {"grade_id": 7, "schema_version": 99}][number % 4]


def much_output(notebook: NotebookNode, path: Path) -> None:
    answer_of(notebook).outputs = [nbformat.v4.new_output("stream", name="stderr", text="x" * (20 * 2**20))]


def renamed(notebook: NotebookNode, path: Path) -> None:
    path.rename(path.with_name("layer_norm (1) final.ipynb"))


def format_three(notebook: NotebookNode, path: Path) -> None:
    path.write_text(json.dumps(nbformat.v3.downgrade(notebook)), encoding="utf-8")


def a_module_instead(notebook: NotebookNode, path: Path) -> None:
    path.unlink()
    shutil.copy(ROOT / "solutions" / path.with_suffix(".py").name, path.with_suffix(".py"))


def not_json(notebook: NotebookNode, path: Path) -> None:
    path.write_bytes(b"<html>Please log in</html>")


def not_to_the_letter(notebook: NotebookNode, path: Path) -> None:
    """Break rules of the format that no cell's code depends on."""
    tree = json.loads(path.read_text(encoding="utf-8"))
    for number, cell in enumerate(tree["cells"]):
        cell["id"] = None
        cell["metadata"]["tags"] = ["twice", "twice"]
        if cell["cell_type"] == "code":
            cell |= {"outputs": None, "execution_count": "3"}
        if "nbgrader" not in cell["metadata"]:
            del cell["metadata" if number % 2 else "id"]
    tree["cells"].append(None)
    del tree["metadata"]["kernelspec"]
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(tree).encode())


def null_ids(notebook: NotebookNode, path: Path) -> None:
    tree = json.loads(path.read_text(encoding="utf-8"))
    for cell in tree["cells"]:
        cell["id"] = None
    path.write_text(json.dumps(tree), encoding="utf-8")


def answer_in_a_check(notebook: NotebookNode, path: Path) -> None:
    """Type the answer above a check, and leave the answer's cell as it was."""
    answer = answer_of(notebook)
    check = next(c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade"))
    check.source = f"{answer.source}\n\n{check.source}"
    answer.source = "raise NotImplementedError"


def untouched_and_a_module(notebook: NotebookNode, path: Path) -> None:
    """Leave the notebook as it was given out, and write the module."""
    source = path.parents[3] / "release" / "norms" / path.name
    shutil.copy(source, path)
    shutil.copy(ROOT / "solutions" / path.with_suffix(".py").name, path.with_suffix(".py"))


def forged(notebook: NotebookNode, path: Path) -> None:
    """Forge outputs and points, and raise a message that a browser could run as a script."""
    answer_of(
        notebook
    ).source = "class LayerNorm:\n    def __init__(self, *args, **kwargs):\n        raise ValueError('<script>alert(1)</script>')"
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade"):
            cell.source, cell.metadata.nbgrader.points = "1.0", 1000
            cell.outputs = [nbformat.v4.new_output("execute_result", {"text/plain": "1000.0"}, execution_count=1)]
    notebook.metadata.grader = {"exercise": NORM, "graded": "yes"}


# Whether each of these deserves full marks or none.
CHANGES: dict[Change, bool] = {
    checks_deleted: True,
    all_but_the_answer_deleted: True,
    reordered: True,
    answer_doubled: True,
    answer_in_markdown: True,
    helper_in_a_new_cell: True,
    magics_and_experiments: True,
    checks_changed: True,
    marks_broken: True,
    much_output: True,
    renamed: True,
    format_three: True,
    a_module_instead: True,
    not_to_the_letter: True,
    null_ids: True,
    answer_in_a_check: True,
    untouched_and_a_module: True,
    not_json: False,
    forged: False,
}
AFTER_WRITING = (
    *(renamed, format_three, a_module_instead, not_json),
    *(not_to_the_letter, null_ids, untouched_and_a_module),
)


@pytest.fixture(scope="module")
def graded(nb_course: NbgraderCourse, tmp_path_factory: pytest.TempPathFactory) -> dict[str, SubmissionResult]:
    """Hand in a part of the demo class and all odd notebooks, grade them both ways, and return `grade`'s results."""
    folder = tmp_path_factory.mktemp("class")
    make_class(nb_course.course, folder)
    # Most of the class differ only in exercises that aren't handed in here.
    others = [name for name, (exercise, _) in MISTAKES.items() if exercise not in (NORM, BLOCK)]
    for student in sorted(path for path in folder.iterdir() if path.name not in others):
        hand_in(nb_course.course, student, nb_course.root, student.name, ["norms"])
    for name in ("perfect", "post-norm", "syntax-error"):
        hand_in(nb_course.course, folder / name, nb_course.root, name, ["blocks"])
    released = nbformat.read(nb_course.root / "release" / "norms" / f"{NORM}.ipynb", as_version=4)
    solution = (ROOT / "solutions" / f"{NORM}.py").read_text(encoding="utf-8")
    for change in CHANGES:
        path = nb_course.root / "submitted" / f"odd-{change.__name__}" / "norms" / f"{NORM}.ipynb"
        path.parent.mkdir(parents=True)
        notebook = solved(released, NORM, solution)
        if change not in AFTER_WRITING:
            change(notebook, path)
        path.write_text(json.dumps(notebook), encoding="utf-8")
        if change in AFTER_WRITING:
            change(notebook, path)
    (nb_course.root / "submitted" / "another-style" / "norms" / "timestamp.txt").write_text(LATE, encoding="utf-8")
    submissions = [
        dataclasses.replace(take_in(path, nb_course.course, path.parent.name), exercises=frozenset({NORM}))
        for path in sorted((nb_course.root / "submitted").glob("*/norms"))
    ]
    results = {result.id: result for result in grade(nb_course.course, submissions)}
    # Grade one with nbgrader's command, the others with ours.
    nb_course.run("nbgrader", "autograde", "norms", "--student", "perfect")
    # One notebook isn't JSON, so there is something that was not graded.
    printed = nb_course.run("grader", "nbgrader", "autograde", "norms", status=1)
    assert f"{len(submissions) - 1} submissions graded and saved; 1 saved earlier." in printed
    nb_course.run("grader", "nbgrader", "autograde", "blocks")
    return results


def test_nbgrader_and_grade_give_the_same_scores(
    nb_course: NbgraderCourse, graded: dict[str, SubmissionResult]
) -> None:
    """Every check of every notebook gets the same score from nbgrader's command, from ours, and from `grade`."""
    scores = nb_course.scores("norms", NORM)
    assert scores.keys() == graded.keys()
    exercise = nb_course.course.by_id[NORM]
    for student, result in graded.items():
        checks = zip(exercise.checks, result.exercises[NORM].checks, strict=True)
        assert scores[student] == {grade_id(check): outcome.score for check, outcome in checks}, student
    assert sum(scores["perfect"].values()) == exercise.max_score  # type: ignore[arg-type]
    for change, deserves in CHANGES.items():
        total = sum(scores[f"odd-{change.__name__}"].values())  # type: ignore[arg-type]
        assert total == (exercise.max_score if deserves else 0), change.__name__


def test_a_later_assignment_finds_the_earlier_one(
    nb_course: NbgraderCourse, graded: dict[str, SubmissionResult]
) -> None:
    """An exercise uses modules from the student's other assignments; a mistake costs points only where it was made."""
    scores = {name: sum(cells.values()) for name, cells in nb_course.scores("blocks", BLOCK).items()}  # type: ignore[arg-type]
    full = nb_course.course.by_id[BLOCK].max_score
    assert scores["perfect"] == scores["syntax-error"] == full > scores["post-norm"] > full / 2


def test_students_see_of_hidden_checks_only_what_is_allowed(
    nb_course: NbgraderCourse, graded: dict[str, SubmissionResult]
) -> None:
    """Neither notebook nor feedback contains a hidden check's source, case or expected output."""
    nb_course.run("nbgrader", "generate_feedback", "norms")
    nb_course.run("nbgrader", "generate_feedback", "blocks")
    exercise, kind = nb_course.course.by_id[NORM], MISTAKES["eps-outside-the-root"][1]
    assert kind
    failed = [
        check_result
        for check_result in graded["eps-outside-the-root"].exercises[NORM].checks
        if check_result.status == "failed"
    ]
    hidden = next(check_result for check_result in failed if check_result.visibility == "hidden")
    for path in [
        nb_course.root / "autograded" / "eps-outside-the-root" / "norms" / f"{NORM}.ipynb",
        nb_course.root / "feedback" / "eps-outside-the-root" / "norms" / f"{NORM}.html",
    ]:
        text = path.read_text(encoding="utf-8")
        assert "You add eps to the standard deviation" in text
        # The first assignment was due long ago, and titles may be shown after the due date.
        assert hidden.title in text
        assert "HIDDEN TESTS" not in text
        assert "workbook.hidden" not in text
        for check in exercise.checks:
            if check.visibility == "hidden":
                assert check.id not in text
        for line in hidden.counterexample.splitlines():
            assert "tensor" not in line or line not in text
    page = (nb_course.root / "feedback" / "eps-outside-the-root" / "norms" / f"{NORM}.html").read_text(encoding="utf-8")
    assert "Test cell" not in page
    assert page.count(f">{hidden.title}</a>") == 1
    forged_page = (nb_course.root / "feedback" / "odd-forged" / "norms" / f"{NORM}.html").read_text(encoding="utf-8")
    assert "alert(1)" in forged_page
    assert "<script>alert" not in forged_page
    later = (nb_course.root / "feedback" / "post-norm" / "blocks" / f"{BLOCK}.html").read_text(encoding="utf-8")
    check_result = [check for check in nb_course.course.by_id[BLOCK].checks if check.visibility == "hidden"]
    assert "A hidden check: wrong values." in later
    assert not any(check.title in later for check in check_result)
    assert re.search(r"\d+ of \d+ visible, \d+ of \d+ hidden checks passed", later)


def test_late_penalties_comments_and_manual_scores_stay_nbgraders(
    nb_course: NbgraderCourse, graded: dict[str, SubmissionResult]
) -> None:
    """Penalties, comments and scores set in nbgrader survive grading again and reach the exported table."""
    with nb_course.gradebook() as gradebook:
        grade = gradebook.find_grade(f"{NORM}-test_shape_and_dtype_stay", NORM, "norms", "untouched")
        grade.manual_score, grade.extra_credit = 0.5, 2
        comment = gradebook.find_comment(f"{NORM}-LayerNorm", NORM, "norms", "untouched")
        comment.manual_comment = "Come and see me."
        gradebook.db.commit()
    nb_course.run("nbgrader", "autograde", "norms", "--student", "untouched", "--force")
    nb_course.run("nbgrader", "export", "--to", "grades.csv")
    with (nb_course.root / "grades.csv").open(encoding="utf-8") as file:
        rows = {(row["assignment"], row["student_id"]): row for row in csv.DictReader(file)}
    full = graded["another-style"].exercises[NORM].max_score
    late = rows["norms", "another-style"]
    # Two and a half hours late, which the plugin rounds to two.
    assert (float(late["raw_score"]), float(late["score"])) == (full, full - 4)
    assert float(rows["norms", "untouched"]["raw_score"]) == 2.5
    with nb_course.gradebook() as gradebook:
        comment = gradebook.find_comment(f"{NORM}-LayerNorm", NORM, "norms", "untouched")
        assert comment.comment == "Come and see me."


def test_a_second_run_repeats_nothing_and_a_broken_one_continues(
    nb_course: NbgraderCourse, graded: dict[str, SubmissionResult]
) -> None:
    """A submission that was half done when the process ended is graded again; finished ones aren't."""
    # One notebook isn't JSON, so there is something that was not graded.
    printed = nb_course.run("grader", "nbgrader", "autograde", "norms", status=1)
    assert "0 submissions graded and saved" in printed
    # The state after a kill: the folder exists, but the notebook in it isn't the graded one.
    half = nb_course.root / "autograded" / "perfect" / "norms" / f"{NORM}.ipynb"
    half.chmod(0o644)
    shutil.copy(nb_course.root / "submitted" / "perfect" / "norms" / f"{NORM}.ipynb", half)
    before = nb_course.scores("norms", NORM)
    printed = nb_course.run("grader", "nbgrader", "autograde", "norms", status=1)
    assert "1 submissions graded and saved" in printed
    assert nb_course.scores("norms", NORM) == before


@pytest.mark.slow
def test_the_course_can_be_made_again_in_midterm(
    nb_course: NbgraderCourse, graded: dict[str, SubmissionResult]
) -> None:
    """Ids stay the same, so the gradebook stays valid; notebooks that the instructor edited are kept."""
    source = nb_course.root / "source" / "norms" / f"{NORM}.ipynb"
    notebook = nbformat.read(source, as_version=4)
    notebook.cells.append(nbformat.v4.new_markdown_cell("Office hours: Tuesday."))
    nbformat.write(notebook, source)
    command = ["grader", "nbgrader", "init", ".", "--course", str(nb_course.course.root / "course.yaml")]
    assert "which you changed" in nb_course.run(*command)
    assert "Tuesday" in source.read_text(encoding="utf-8")
    assert "which you changed" not in nb_course.run(*command, "--force")
    before = nb_course.scores("norms", NORM)
    nb_course.run("nbgrader", "generate_assignment", "norms", "--force")
    assert nb_course.scores("norms", NORM) == before


@pytest.mark.slow
def test_the_exchange_takes_an_assignment_there_and_back(nb_course: NbgraderCourse) -> None:
    """An assignment can be released, fetched, submitted and collected with only nbgrader's commands."""
    nb_course.run("nbgrader", "generate_assignment", "norms", "--force")
    (nb_course.course.root / "exchange").mkdir(exist_ok=True)
    os.chmod(nb_course.course.root / "exchange", 0o777)
    nb_course.run("nbgrader", "release_assignment", "norms")
    nb_course.run("nbgrader", "fetch_assignment", "norms")
    assert (nb_course.root / "norms" / "grader.zip").is_file()
    nb_course.run("nbgrader", "submit", "norms")
    nb_course.run("nbgrader", "collect", "norms")


def execute(notebook: NotebookNode, folder: Path) -> NotebookNode:
    """Run a notebook as Jupyter does."""
    from nbclient import NotebookClient

    executed = copy.deepcopy(notebook)
    NotebookClient(executed, allow_errors=True, timeout=300, resources={"metadata": {"path": str(folder)}}).execute()
    return executed


def outputs(notebook: NotebookNode) -> dict[str, str]:
    """Return the output of each cell of a notebook."""
    by_cell: dict[str, str] = {}
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id", cell.source)
        texts: list[Any] = [o.get("text") or "\n".join(o.get("traceback", [])) for o in cell.get("outputs", [])]
        by_cell[name] = "".join(texts)
    return by_cell


@pytest.mark.filterwarnings("ignore")
def test_a_students_notebook_shows_what_pytest_shows(nb_course: NbgraderCourse, tmp_path: Path) -> None:
    """A released notebook shows pytest's messages; earlier exercises are the student's own if they are correct."""
    for name in (NORM, BLOCK):
        assignment = "norms" if name == NORM else "blocks"
        shutil.copytree(nb_course.root / "release" / assignment, tmp_path / assignment)
    norm, block = tmp_path / "norms", tmp_path / "blocks"
    released = nbformat.read(norm / f"{NORM}.ipynb", as_version=4)
    solution = (ROOT / "solutions" / f"{NORM}.py").read_text(encoding="utf-8")
    wrong = solution.replace("torch.sqrt(variance + self.eps)", "(torch.sqrt(variance) + self.eps)")
    assert wrong != solution
    shown_by_cell = outputs(execute(solved(released, NORM, wrong), norm))
    message = shown_by_cell[f"{NORM}-test_eps_is_added_to_the_variance"]
    assert "You add eps to the standard deviation instead of the variance." in message
    assert "the lesson above" in message
    assert shown_by_cell[f"{NORM}-test_shape_and_dtype_stay"] == "PASSED\n"
    hidden = nb_course.course.by_id[NORM].hidden_checks
    assert f"12 of 15 visible checks passed; {hidden} hidden ones run at grading" in "".join(shown_by_cell.values())
    untouched = outputs(execute(released, norm))
    message = untouched[f"{NORM}-test_shape_and_dtype_stay"]
    assert "Store eps, then register the two parameters" in message
    assert "open  the cells under `Your code`" in message
    assert not [text for text in untouched.values() if "exercises/" in text or text.startswith("\n")]

    nbformat.write(solved(released, NORM, solution), norm / f"{NORM}.ipynb")
    later = nbformat.read(block / f"{BLOCK}.ipynb", as_version=4)
    right = (ROOT / "solutions" / f"{BLOCK}.py").read_text(encoding="utf-8")
    shown_by_cell = outputs(execute(solved(later, BLOCK, right), block))
    assert "layer_norm: your own" in shown_by_cell[f"{BLOCK}-setup"]
    assert "multi_head_attention: a stand-in" in shown_by_cell[f"{BLOCK}-setup"]
    texts_of_checks = [
        shown_by_cell[grade_id(check)]
        for check in nb_course.course.by_id[BLOCK].checks
        if check.visibility == "visible"
    ]
    assert all(text.startswith("PASSED") for text in texts_of_checks)


def test_what_is_worked_around_in_nbgrader_still_exists() -> None:
    """The nbgrader names that grader/notebooks replaces or works around exist; a failure names the version."""
    api, steps = importlib.import_module("nbgrader.api"), importlib.import_module("nbgrader.preprocessors")
    used = {
        "create_engine": api,
        "Base.metadata.create_all": api,
        "Gradebook.check_course": api,
        "Gradebook.db": api,
        "SaveAutoGrades.preprocess_cell": steps,
        "OverwriteCells.preprocess_cell": steps,
        "CheckCellMetadata.preprocess": steps,
    }
    version = importlib.metadata.version("nbgrader")
    for name, module in used.items():
        value = module
        for part in name.split("."):
            constructor = getattr(value, "__init__", None)
            assigned = getattr(getattr(constructor, "__code__", None), "co_names", ())
            assert hasattr(value, part) or part in assigned, f"nbgrader {version} has no {module.__name__}.{name}"
            value = getattr(value, part, None)
    opening = inspect.getsource(api.Gradebook.__init__)
    for call in ("create_engine(", "Base.metadata.create_all(", "self.check_course("):
        assert call in opening, f"nbgrader {version} no longer calls {call}) when it opens a gradebook"
    assert "rfc3987_syntax" in inspect.getsource(importlib.import_module("jsonschema._format"))
