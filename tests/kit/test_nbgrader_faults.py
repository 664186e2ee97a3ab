"""A fault of the grader goes through nbgrader: the run ends, says so, and no grade is written."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory
from traitlets.config import LoggingConfigurable

from benchmarks.notebook_class import hand_in
from grader.course import load_course
from grader.notebooks.grades import GradesTable
from grader.notebooks.service import SUBMITTED
from grader.notebooks.withheld import is_withheld, release, withhold

ROOT = Path(__file__).resolve().parents[2]
NORM = "layer_norm"
BROKEN = '''

def test_a_mistake_in_a_check(learner: Port) -> None:
    """A new layer has a first parameter."""
    raise ValueError(learner.build("LayerNorm", emb_dim=2).parameters())
'''
FIXED = BROKEN.replace("raise ValueError(", "assert (")


@pytest.fixture
def broken_course(tmp_path: Path) -> tuple[Path, Callable[..., str]]:
    """Make an nbgrader course in which a check has a mistake; return its folder, and a function that runs a command."""
    for name in ("exercises", "solutions", "tests/hidden"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).symlink_to(ROOT / name)
    visible = tmp_path / "tests" / "visible"
    visible.mkdir()
    for path in (ROOT / "tests" / "visible").iterdir():
        (visible / path.name).symlink_to(path)
    checks = visible / f"test_{NORM}.py"
    sound = checks.read_text(encoding="utf-8")
    checks.unlink()
    checks.write_text(sound + BROKEN, encoding="utf-8")
    block = yaml.safe_load((ROOT / "course.yaml").read_text(encoding="utf-8"))
    block["assignments"] = [{"id": "norms", "exercises": [NORM]}]
    (tmp_path / "course.yaml").write_text(yaml.safe_dump(block), encoding="utf-8")
    root, home = tmp_path / "nb", tmp_path / "home"
    root.mkdir()
    home.mkdir()
    path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    environment = {"HOME": str(home), "PATH": path, "LANG": "C.UTF-8", "OMP_NUM_THREADS": "1"}

    def run(*command: str, status: int = 0) -> str:
        process = subprocess.run(
            command, cwd=root, env=environment, capture_output=True, text=True, timeout=300, check=False
        )
        output = process.stdout + process.stderr
        assert process.returncode == status, output[-3000:]
        return output

    run("grader", "nbgrader", "init", ".", "--course", str(tmp_path / "course.yaml"))
    run("nbgrader", "generate_assignment", "norms")
    return root, run


def test_withheld_until_it_is_graded(tmp_path: Path) -> None:
    """A grade is withheld from the fault on until the submission is graded, for each assignment by itself."""
    assert not is_withheld(tmp_path, "norms", "ada")
    release(tmp_path, "norms", "ada")
    withhold(tmp_path, "norms", "ada")
    withhold(tmp_path, "blocks", "ada")
    assert is_withheld(tmp_path, "norms", "ada")
    assert not is_withheld(tmp_path, "norms", "bob")
    release(tmp_path, "norms", "ada")
    assert not is_withheld(tmp_path, "norms", "ada")
    assert is_withheld(tmp_path, "blocks", "ada")


# nbgrader adds submissions in a way that SQLAlchemy remarks on.
@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")
def test_only_grades_that_are_there_are_exported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A grade that is withheld, or not there yet, is an empty cell; nothing handed in, and a real 0, are 0."""
    # nbgrader calls alembic when it makes a gradebook.
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
    for student in ("ada", "bob", "cyd"):
        (tmp_path / SUBMITTED / student / "norms").mkdir(parents=True)
    app = LoggingConfigurable()
    app.coursedir = CourseDirectory(root=str(tmp_path))  # type: ignore[attr-defined]
    with Gradebook(f"sqlite:///{tmp_path / 'gradebook.db'}") as gradebook:
        gradebook.add_assignment("norms")
        for student in ("ada", "bob", "cyd", "dan"):
            gradebook.add_student(student)
        for student in ("ada", "bob"):
            gradebook.add_submission("norms", student)
        withhold(tmp_path, "norms", "ada")
        table = GradesTable(parent=app)
        table.to = str(tmp_path / "grades.csv")
        table.export(gradebook)
    with (tmp_path / "grades.csv").open(encoding="utf-8") as file:
        scores = {row["student_id"]: row["score"] for row in csv.DictReader(file)}
    assert scores == {"ada": "", "bob": "0.0", "cyd": "", "dan": "0.0"}


@pytest.mark.slow
def test_a_fault_is_said_and_its_grade_withheld(broken_course: tuple[Path, Callable[..., str]]) -> None:
    """A check with a mistake ends the run with a sentence and an empty cell; once it is fixed, the grade is there."""
    root, run = broken_course
    course = load_course(root.parent / "course.yaml")
    hand_in(course, ROOT / "solutions", root, "ada")
    run("nbgrader", "db", "student", "add", "ada")
    assert exported(root, run)["score"] == ""
    for _ in range(2):
        output = run("grader", "nbgrader", "autograde", "norms", status=1)
        assert "the grader's fault; the grade is withheld" in output
        assert exported(root, run)["score"] == ""
    # One submission at a time, as formgrader's button does it: nbgrader has an entry for it then.
    assert "couldn't run a check" in run("nbgrader", "autograde", "norms", "--create", status=1)
    assert exported(root, run)["score"] == ""
    checks = root.parent / "tests" / "visible" / f"test_{NORM}.py"
    checks.write_text(checks.read_text(encoding="utf-8").removesuffix(BROKEN) + FIXED, encoding="utf-8")
    run("grader", "nbgrader", "autograde", "norms")
    assert float(exported(root, run)["score"]) > 0


def exported(root: Path, run: Callable[..., str]) -> dict[str, str]:
    """Have nbgrader export the grades, and return the only row."""
    run("nbgrader", "export", "--to", "grades.csv")
    with (root / "grades.csv").open(encoding="utf-8") as file:
        (row,) = csv.DictReader(file)
    return row
