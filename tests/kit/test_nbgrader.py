"""A class goes through the real nbgrader, from the making of the course to the feedback, and gets what it deserves."""

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
class Place:
    """A course, the nbgrader course that was made of it, and how to run a command there."""

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
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Make an nbgrader course with two assignments, of which the second needs the first."""
    folder = tmp_path_factory.mktemp("nbgrader")
    for name in ("exercises", "solutions", "tests"):
        (folder / name).symlink_to(ROOT / name)
    block = yaml.safe_load((ROOT / "course.yaml").read_text(encoding="utf-8"))
    block["assignments"] = [
        {"id": "norms", "exercises": [NORM], "due": datetime.datetime.fromisoformat(DUE)},
        {"id": "blocks", "exercises": [BLOCK]},
    ]
    block["hidden_feedback"] = {"before_due": "category", "after_due": "title"}
    (folder / "course.yaml").write_text(yaml.safe_dump(block), encoding="utf-8")
    home = folder / "home"
    home.mkdir()
    # As a shell has it in which the environment was activated; nothing of this machine's user.
    path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    environment = {"HOME": str(home), "PATH": path, "LANG": "C.UTF-8", "OMP_NUM_THREADS": "1"}
    root = folder / "nb"

    def run(*command: str, status: int = 0) -> str:
        done = subprocess.run(
            command, cwd=root, env=environment, capture_output=True, text=True, timeout=600, check=False
        )
        assert done.returncode == status, f"{command}: {done.stdout[-3000:]}{done.stderr[-3000:]}"
        return done.stdout + done.stderr

    root.mkdir()
    made = run("grader", "nbgrader", "init", ".", "--course", str(folder / "course.yaml"))
    assert "Next: cd .; nbgrader generate_assignment norms" in made
    with (root / "nbgrader_config.py").open("a", encoding="utf-8") as file:
        file.write(f"{LATE_PENALTY}c.Exchange.root = {str(folder / 'exchange')!r}\n")
    run("nbgrader", "generate_assignment", "norms")
    run("nbgrader", "generate_assignment", "blocks")
    return Place(load_course(folder / "course.yaml"), root, run)


Change = Callable[[NotebookNode, Path], None]


def answer_of(notebook: NotebookNode) -> NotebookNode:
    """Find the cell with the answer."""
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
    cell.source = cell.source.replace("centred = x - x.mean(dim=-1, keepdim=True)", "centred = less_its_mean(x)")
    assert "less_its_mean" in cell.source
    # In nbgrader's own kernel a line on stderr costs a check its points.
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


def forged(notebook: NotebookNode, path: Path) -> None:
    """Forge outputs and points, and say what would be an order to a browser."""
    answer_of(
        notebook
    ).source = "class LayerNorm:\n    def __init__(self, *args, **kwargs):\n        raise ValueError('<script>alert(1)</script>')"
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade"):
            cell.source, cell.metadata.nbgrader.points = "1.0", 1000
            cell.outputs = [nbformat.v4.new_output("execute_result", {"text/plain": "1000.0"}, execution_count=1)]
    notebook.metadata.grader = {"exercise": NORM, "graded": "yes"}


# What each of these deserves: full marks, or none.
ARRIVALS: dict[Change, bool] = {
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
    not_json: False,
    forged: False,
}
AFTER_WRITING = (renamed, format_three, a_module_instead, not_json)


@pytest.fixture(scope="module")
def graded(place: Place, tmp_path_factory: pytest.TempPathFactory) -> dict[str, SubmissionResult]:
    """Hand in a class of twelve and all odd arrivals, grade them both ways, and return what `grade` says."""
    folder = tmp_path_factory.mktemp("class")
    make_class(place.course, folder)
    for student in sorted(folder.iterdir()):
        hand_in(place.course, student, place.root, student.name, ["norms"])
    for name in ("perfect", "post-norm", "syntax-error"):
        hand_in(place.course, folder / name, place.root, name, ["blocks"])
    released = nbformat.read(place.root / "release" / "norms" / f"{NORM}.ipynb", as_version=4)
    solution = (ROOT / "solutions" / f"{NORM}.py").read_text(encoding="utf-8")
    for change in ARRIVALS:
        path = place.root / "submitted" / f"odd-{change.__name__}" / "norms" / f"{NORM}.ipynb"
        path.parent.mkdir(parents=True)
        notebook = solved(released, NORM, solution)
        if change not in AFTER_WRITING:
            change(notebook, path)
        path.write_text(json.dumps(notebook), encoding="utf-8")
        if change in AFTER_WRITING:
            change(notebook, path)
    (place.root / "submitted" / "another-style" / "norms" / "timestamp.txt").write_text(LATE, encoding="utf-8")
    given = [
        dataclasses.replace(take_in(path, place.course, path.parent.name), exercises=frozenset({NORM}))
        for path in sorted((place.root / "submitted").glob("*/norms"))
    ]
    results = {result.id: result for result in grade(place.course, given)}
    # One by nbgrader's own command, the others by ours.
    place.run("nbgrader", "autograde", "norms", "--student", "perfect")
    told = place.run("grader", "nbgrader", "autograde", "norms")
    assert f"{len(given) - 1} submissions graded and saved, 1 were before." in told
    place.run("grader", "nbgrader", "autograde", "blocks")
    return results


def test_nbgraders_scores_are_those_of_grade_check_by_check(place: Place, graded: dict[str, SubmissionResult]) -> None:
    """The class of twelve, and whatever else arrives, with nbgrader's command and with ours."""
    scores = place.scores("norms", NORM)
    assert scores.keys() == graded.keys()
    exercise = place.course.by_id[NORM]
    for student, result in graded.items():
        checks = zip(exercise.checks, result.exercises[NORM].checks, strict=True)
        assert scores[student] == {grade_id(check): told.score for check, told in checks}, student
    assert sum(scores["perfect"].values()) == exercise.max_score  # type: ignore[arg-type]
    for change, deserves in ARRIVALS.items():
        total = sum(scores[f"odd-{change.__name__}"].values())  # type: ignore[arg-type]
        assert total == (exercise.max_score if deserves else 0), change.__name__


def test_a_later_assignment_finds_the_earlier_one(place: Place, graded: dict[str, SubmissionResult]) -> None:
    """What an exercise needs comes from the student's other assignments; a mistake costs its own exercise alone."""
    scores = {name: sum(cells.values()) for name, cells in place.scores("blocks", BLOCK).items()}  # type: ignore[arg-type]
    full = place.course.by_id[BLOCK].max_score
    assert scores["perfect"] == scores["syntax-error"] == full > scores["post-norm"] > full / 2


def test_what_students_get_tells_of_hidden_checks_what_the_course_allows(
    place: Place, graded: dict[str, SubmissionResult]
) -> None:
    """Neither notebook nor feedback holds a hidden check's source, case or expected output."""
    place.run("nbgrader", "generate_feedback", "norms")
    place.run("nbgrader", "generate_feedback", "blocks")
    exercise, kind = place.course.by_id[NORM], MISTAKES["eps-outside-the-root"][1]
    assert kind
    failed = [told for told in graded["eps-outside-the-root"].exercises[NORM].checks if told.status == "failed"]
    hidden = next(told for told in failed if told.visibility == "hidden")
    for path in [
        place.root / "autograded" / "eps-outside-the-root" / "norms" / f"{NORM}.ipynb",
        place.root / "feedback" / "eps-outside-the-root" / "norms" / f"{NORM}.html",
    ]:
        text = path.read_text(encoding="utf-8")
        assert "You add eps to the standard deviation" in text
        # The first assignment was due long ago, and after that titles are told.
        assert hidden.title in text
        assert "HIDDEN TESTS" not in text
        assert "workbook.hidden" not in text
        for check in exercise.checks:
            if check.visibility == "hidden":
                assert check.id not in text
        for line in hidden.counterexample.splitlines():
            assert "tensor" not in line or line not in text
    page = (place.root / "feedback" / "eps-outside-the-root" / "norms" / f"{NORM}.html").read_text(encoding="utf-8")
    assert "Test cell" not in page
    assert page.count(f">{hidden.title}</a>") == 1
    forged_page = (place.root / "feedback" / "odd-forged" / "norms" / f"{NORM}.html").read_text(encoding="utf-8")
    assert "alert(1)" in forged_page
    assert "<script>alert" not in forged_page
    later = (place.root / "feedback" / "post-norm" / "blocks" / f"{BLOCK}.html").read_text(encoding="utf-8")
    told = [check for check in place.course.by_id[BLOCK].checks if check.visibility == "hidden"]
    assert "A hidden check: wrong values." in later
    assert not any(check.title in later for check in told)
    assert re.search(r"\d+ of \d+ visible, \d+ of \d+ hidden checks passed", later)


def test_late_penalties_comments_and_manual_scores_stay_nbgraders(
    place: Place, graded: dict[str, SubmissionResult]
) -> None:
    """They are set in nbgrader, survive that a submission is graded again, and reach the exported table."""
    with place.gradebook() as gradebook:
        grade = gradebook.find_grade(f"{NORM}-test_shape_and_dtype_stay", NORM, "norms", "untouched")
        grade.manual_score, grade.extra_credit = 0.5, 2
        comment = gradebook.find_comment(f"{NORM}-LayerNorm", NORM, "norms", "untouched")
        comment.manual_comment = "Come and see me."
        gradebook.db.commit()
    place.run("nbgrader", "autograde", "norms", "--student", "untouched", "--force")
    place.run("nbgrader", "export", "--to", "grades.csv")
    with (place.root / "grades.csv").open(encoding="utf-8") as file:
        rows = {(row["assignment"], row["student_id"]): row for row in csv.DictReader(file)}
    full = graded["another-style"].exercises[NORM].max_score
    late = rows["norms", "another-style"]
    # Two hours and a half late, which the plugin rounds to two.
    assert (float(late["raw_score"]), float(late["score"])) == (full, full - 4)
    assert float(rows["norms", "untouched"]["raw_score"]) == 2.5
    with place.gradebook() as gradebook:
        comment = gradebook.find_comment(f"{NORM}-LayerNorm", NORM, "norms", "untouched")
        assert comment.comment == "Come and see me."


def test_a_second_run_repeats_nothing_and_a_broken_one_is_taken_up(
    place: Place, graded: dict[str, SubmissionResult]
) -> None:
    """What was half done when the process ended is done again; what was done is not."""
    assert "0 submissions graded and saved" in place.run("grader", "nbgrader", "autograde", "norms")
    # As a kill leaves it: the folder is there, and the notebook in it is not the graded one.
    half = place.root / "autograded" / "perfect" / "norms" / f"{NORM}.ipynb"
    half.chmod(0o644)
    shutil.copy(place.root / "submitted" / "perfect" / "norms" / f"{NORM}.ipynb", half)
    before = place.scores("norms", NORM)
    told = place.run("grader", "nbgrader", "autograde", "norms")
    assert "1 submissions graded and saved" in told
    assert place.scores("norms", NORM) == before


@pytest.mark.slow
def test_the_course_can_be_made_again_in_mid_term(place: Place, graded: dict[str, SubmissionResult]) -> None:
    """Ids stay, so the gradebook stays valid; what the instructor changed by hand is kept."""
    source = place.root / "source" / "norms" / f"{NORM}.ipynb"
    notebook = nbformat.read(source, as_version=4)
    notebook.cells.append(nbformat.v4.new_markdown_cell("Office hours: Tuesday."))
    nbformat.write(notebook, source)
    command = ["grader", "nbgrader", "init", ".", "--course", str(place.course.root / "course.yaml")]
    assert "changed by hand" in place.run(*command)
    assert "Tuesday" in source.read_text(encoding="utf-8")
    assert "changed by hand" not in place.run(*command, "--force")
    before = place.scores("norms", NORM)
    place.run("nbgrader", "generate_assignment", "norms", "--force")
    assert place.scores("norms", NORM) == before


@pytest.mark.slow
def test_the_exchange_takes_an_assignment_there_and_back(place: Place) -> None:
    """Release, fetch, submit and collect, with nothing but nbgrader's commands."""
    place.run("nbgrader", "generate_assignment", "norms", "--force")
    (place.course.root / "exchange").mkdir(exist_ok=True)
    os.chmod(place.course.root / "exchange", 0o777)
    place.run("nbgrader", "release_assignment", "norms")
    place.run("nbgrader", "fetch_assignment", "norms")
    assert (place.root / "norms" / "grader.zip").is_file()
    place.run("nbgrader", "submit", "norms")
    place.run("nbgrader", "collect", "norms")


def execute(notebook: NotebookNode, folder: Path) -> NotebookNode:
    """Run a notebook as Jupyter does."""
    from nbclient import NotebookClient

    found = copy.deepcopy(notebook)
    NotebookClient(found, allow_errors=True, timeout=300, resources={"metadata": {"path": str(folder)}}).execute()
    return found


def outputs(notebook: NotebookNode) -> dict[str, str]:
    """Return what the check cells of a notebook show."""
    found: dict[str, str] = {}
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id", cell.source)
        texts: list[Any] = [o.get("text") or "\n".join(o.get("traceback", [])) for o in cell.get("outputs", [])]
        found[name] = "".join(texts)
    return found


@pytest.mark.filterwarnings("ignore")
def test_a_students_notebook_says_what_pytest_says(place: Place, tmp_path: Path) -> None:
    """With nothing but what was released; earlier exercises are the student's own where they are right."""
    for name in (NORM, BLOCK):
        assignment = "norms" if name == NORM else "blocks"
        shutil.copytree(place.root / "release" / assignment, tmp_path / assignment)
    norm, block = tmp_path / "norms", tmp_path / "blocks"
    released = nbformat.read(norm / f"{NORM}.ipynb", as_version=4)
    solution = (ROOT / "solutions" / f"{NORM}.py").read_text(encoding="utf-8")
    wrong = solution.replace("torch.sqrt(variance + self.eps)", "(torch.sqrt(variance) + self.eps)")
    assert wrong != solution
    told = outputs(execute(solved(released, NORM, wrong), norm))
    message = told[f"{NORM}-test_eps_is_added_to_the_variance"]
    assert "You add eps to the standard deviation instead of the variance." in message
    assert "the lesson above" in message
    assert told[f"{NORM}-test_shape_and_dtype_stay"] == "PASSED\n"
    assert "12 of 15 visible checks passed; 8 hidden run at grading" in "".join(told.values())
    untouched = outputs(execute(released, norm))
    message = untouched[f"{NORM}-test_shape_and_dtype_stay"]
    assert "Store eps, then register the two parameters" in message
    assert "open  the cells under `Your code`" in message
    assert not [text for text in untouched.values() if "exercises/" in text or text.startswith("\n")]

    nbformat.write(solved(released, NORM, solution), norm / f"{NORM}.ipynb")
    later = nbformat.read(block / f"{BLOCK}.ipynb", as_version=4)
    right = (ROOT / "solutions" / f"{BLOCK}.py").read_text(encoding="utf-8")
    told = outputs(execute(solved(later, BLOCK, right), block))
    assert "layer_norm: your own" in told[f"{BLOCK}-setup"]
    assert "multi_head_attention: a stand-in" in told[f"{BLOCK}-setup"]
    shown = [told[grade_id(check)] for check in place.course.by_id[BLOCK].checks if check.visibility == "visible"]
    assert all(text.startswith("PASSED") for text in shown)


def test_what_is_worked_around_in_nbgrader_still_exists() -> None:
    """The names that grader/notebooks replaces or goes around are there; a version that renamed one is named here."""
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
            own = getattr(value, "__init__", None)
            assigned = getattr(getattr(own, "__code__", None), "co_names", ())
            assert hasattr(value, part) or part in assigned, f"nbgrader {version} has no {module.__name__}.{name}"
            value = getattr(value, part, None)
    opening = inspect.getsource(api.Gradebook.__init__)
    for call in ("create_engine(", "Base.metadata.create_all(", "self.check_course("):
        assert call in opening, f"nbgrader {version} no longer calls {call}) when it opens a gradebook"
    assert "rfc3987_syntax" in inspect.getsource(importlib.import_module("jsonschema._format"))
