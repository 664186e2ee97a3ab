"""A whole term: a course made from ours, three students, three doors to hand in, grading, questions, and grading again.

Each role has an environment of its own.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.kit.conftest import ROOT
from tests.kit.slow.people import Person, solution

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform == "win32", reason="looks for bin/python")]

EXERCISE = "layer_norm"
RIGHT = solution(EXERCISE)
BIASED = "centered.pow(2).mean(dim=-1, keepdim=True)"
"""The variance in the solution."""
WRONG = RIGHT.replace(BIASED, "x.var(dim=-1, keepdim=True)")
CHECK = "test_variance_is_the_biased_one"
GRADEBOOK = """\
Student,ID,SIS User ID,SIS Login ID,Section
"Example, Ann",4711,,ann,Tuesday
"Smith, Bob",4712,,bob,Tuesday
"Jones, Carl",4713,,carl,Monday
"""
WORKSHEET = """\
Identifier,"Full name","ID number","Email address",Status,Group,Grade,"Last modified (submission)","Feedback comments"
"Participant 21","Ann Example",77,ann@example.org,"Submitted for grading",,,"Sunday, 31 January 2027, 11:50 PM",
"Participant 22","Bob Smith",78,bob@example.org,"Submitted for grading",,,"Sunday, 31 January 2027, 11:55 PM",
"""


def scores(graded: Path) -> dict[str, float]:
    """Return the final score of each submission."""
    content = json.loads((graded / "results.json").read_text(encoding="utf-8"))
    return {submission["id"]: submission["final_score"] for submission in content["submissions"]}


def archive(path: Path, files: dict[str, bytes]) -> Path:
    """Write a platform's download."""
    with zipfile.ZipFile(path, "w") as file:
        for name, content in files.items():
            file.writestr(name, content)
    return path


class Term:
    """The folders and people of a term.

    Args:
        place: an empty folder.
    """

    def __init__(self, place: Path) -> None:
        self.place = place
        course = place / "course"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(course)], check=True)
        self.instructor = Person(course, place / "home")
        self.instructor.install(".[reports]")
        self.prepare(course / "course.yaml")

    def prepare(self, file: Path) -> None:
        """Make a course of one's own from ours: another title, two assignments with due dates, a late penalty."""
        text = file.read_text(encoding="utf-8")
        first, second = (datetime.now(UTC).replace(microsecond=0) + timedelta(days=days) for days in (7, 14))
        text = text.replace("title: Build a GPT, component by component", "title: Language Models, Spring Term", 1)
        text += (
            "late: {per_day: 0.1}\nassignments:\n"
            f"  - {{id: norms, exercises: [{EXERCISE}], due: {first.isoformat()}}}\n"
            f"  - {{id: warm, exercises: [adaline], due: {second.isoformat()}}}\n"
        )
        file.write_text(text, encoding="utf-8")

    def student(self, name: str) -> Person:
        """Return a student in a copy of the release; the first one's environment is made as its README says."""
        folder = self.place / name
        first = self.place / "ann" / ".venv"
        shutil.copytree(self.place / "students", folder)
        person = Person(folder, self.place / f"home-{name}", first)
        if not first.exists():
            person.install(".[notebooks]")
        # The environment's own grader is that of the first copy; with this, each student uses their own.
        person.environment["PYTHONPATH"] = str(folder)
        return person

    def graded(self, folder: str, *options: str, status: int = 0) -> str:
        """Have the instructor grade what was collected in a folder."""
        where = str(self.place / folder)
        arguments = ["--out", f"{where}/graded", "--roster", f"{where}/roster.csv", "--times", f"{where}/times.yaml"]
        return self.instructor.type("grader", "grade", f"{where}/submissions", *arguments, *options, status=status)


@pytest.fixture(scope="module")
def term(tmp_path_factory: pytest.TempPathFactory) -> Term:
    """Begin a term, and hand the exercises out."""
    term = Term(tmp_path_factory.mktemp("term"))
    tracks = ("--track", "core", "--track", "warm-up")
    term.instructor.type("grader", "release", str(term.place / "students"), *tracks)
    assert "Language Models, Spring Term" in (term.place / "students" / "README.md").read_text(encoding="utf-8")
    return term


def test_a_term(term: Term) -> None:
    """From the release to the last regrade, every role types only its own commands, and everybody's score is right."""
    ann, bob, carl = (term.student(name) for name in ("ann", "bob", "carl"))

    # Ann hands in the archive with a receipt.
    ann.writes(EXERCISE, RIGHT)
    printed = ann.type("grader", "hand-in", "norms")
    receipt = printed.partition("Receipt: ")[2].split()[0]
    packed = (ann.folder / "hand-in-norms.zip").read_bytes()

    # Bob doesn't understand a failure, asks, and uploads files.
    bob.writes(EXERCISE, WRONG)
    bob.type("grader", "check", EXERCISE, status=1)
    bob.type("grader", "ask", CHECK, "--question", "Why isn't it n - 1?")
    uploads = {
        "smithbob_4712_9902_layer_norm.py": (bob.folder / "exercises" / f"{EXERCISE}.py").read_bytes(),
        "smithbob_4712_9903_questions.json": (bob.folder / "exercises" / "questions.json").read_bytes(),
    }

    # Carl works in a notebook, and leaves it as it is.
    carl.type("grader", "notebooks", "my-notebooks", EXERCISE)
    notebook = (carl.folder / "my-notebooks" / f"{EXERCISE}.ipynb").read_bytes()

    canvas = archive(
        term.place / "submissions.zip",
        {"exampleann_4711_9901_hand-in-norms.zip": packed, "jonescarl_4713_9904_layer_norm.ipynb": notebook, **uploads},
    )
    (term.place / "Gradebook.csv").write_text(GRADEBOOK, encoding="utf-8")
    first = str(term.place / "first")
    printed = term.instructor.type(
        "grader", "collect", str(canvas), "--people", str(term.place / "Gradebook.csv"), "--out", first
    )
    assert receipt in printed
    assert "3 submissions of `norms`" in printed

    printed = term.graded("first", "--assignment", "norms", "--format", "canvas", "--marking")
    graded = term.place / "first" / "graded"
    before = scores(graded)
    most = 18.0
    assert before["ann-example"] == most
    assert 0 < before["bob-smith"] < most
    assert before["carl-jones"] == 0
    assert "Why isn't it n - 1?" in printed + (graded / "questions.csv").read_text(encoding="utf-8-sig")
    assert (graded / "marking" / "bob-smith.html").is_file()

    # The instructor answers, marks, and grades again, which runs nothing.
    marks = term.place / "marks.yaml"
    marks.write_text(
        "rubric:\n"
        f"  shapes: {{exercise: {EXERCISE}, points: -1, text: The comments don't say which shapes there are.}}\n"
        f"answers:\n  {EXERCISE}.{CHECK}: GPT-2 was trained with the biased one.\n"
        "ann-example: {items: [shapes], comment: Clear code.}\n",
        encoding="utf-8",
    )
    printed = term.graded("first", "--assignment", "norms", "--marks", str(marks), "--format", "canvas")
    assert "ann-example" in printed.partition("Since the last run")[2]
    assert scores(graded) == before | {"ann-example": most - 1}
    assert "GPT-2 was trained with the biased one." in (graded / "reports" / "bob-smith.md").read_text(encoding="utf-8")
    with (graded / "canvas.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {row[0]: row[-1] for row in csv.reader(file)}
    assert rows["Ann Example"] == "17"
    printed = term.instructor.type("grader", "return", first)
    assert ".zip" in printed

    # The second assignment comes through another platform. Ann is wrong at first, and hands in again.
    right = solution("adaline")
    ann.writes("adaline", right.replace("2.0 *", ""))
    bob.writes("adaline", right)
    second = str(term.place / "second")
    moodle = term.place / "warm.zip"
    (term.place / "Worksheet.csv").write_text(WORKSHEET, encoding="utf-8-sig")
    for attempt in (1, 2):
        files = {
            f"{name}_{number}_assignsubmission_file/adaline.py": (who.folder / "exercises" / "adaline.py").read_bytes()
            for name, number, who in (("Ann Example", 21, ann), ("Bob Smith", 22, bob))
        }
        moodle.unlink(missing_ok=True)
        people = ("--people", str(term.place / "Worksheet.csv"), "--timezone", "Europe/Berlin")
        term.instructor.type("grader", "collect", str(archive(moodle, files)), *people, "--out", second)
        printed = term.graded("second", "--assignment", "warm", "--format", "moodle")
        if attempt == 2:
            assert "ann-example" in printed.partition("Since the last run")[2]
            assert "The submission changed" in printed
        ann.writes("adaline", right)
    assert len(set(scores(term.place / "second" / "graded").values())) == 1
    term.instructor.type("grader", "return", second)
    printed = term.instructor.type("grader", "return", second, "--format", "mail")
    assert "2 emails" in printed

    # A third door: an autograder on Gradescope gives Bob what he got here.
    autograder = term.place / "autograder.zip"
    term.instructor.type("grader", "export", "gradescope", str(autograder), "--assignment", "norms")
    result = on_gradescope(term, autograder, uploads["smithbob_4712_9902_layer_norm.py"])
    assert result["score"] == pytest.approx(before["bob-smith"])


def on_gradescope(term: Term, autograder: Path, submission: bytes) -> dict[str, Any]:
    """Unpack an autograder as Gradescope does, install what it asks for, and let it grade a module."""
    root = term.place / "autograder"
    for name in ("source", "submission", "results"):
        (root / name).mkdir(parents=True)
    with zipfile.ZipFile(autograder) as file:
        file.extractall(root / "source")
    shutil.copy(root / "source" / "run_autograder", root)
    (root / "submission" / f"{EXERCISE}.py").write_bytes(submission)
    (root / "submission_metadata.json").write_text("{}", encoding="utf-8")
    machine = Person(root, term.place / "home-gradescope", root / "venv")
    machine.type(getattr(sys, "_base_executable", sys.executable), "-m", "venv", str(root / "venv"))
    machine.type("pip", "install", "--quiet", "--requirement", str(root / "source" / "requirements.txt"))
    machine.environment |= {"AUTOGRADER_ROOT": str(root), "PATH": os.pathsep.join(["/usr/bin", "/bin"])}
    machine.type("bash", str(root / "run_autograder"))
    result: dict[str, Any] = json.loads((root / "results" / "results.json").read_text(encoding="utf-8"))
    return result
