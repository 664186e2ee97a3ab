"""A part of a course, another course file, and a single submission."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

import grader
from grader.course import incomplete, load_course, part_of
from grader.errors import GraderFailed, UsageError
from grader.grading import folder as grading_folder
from grader.grading.class_files import Register
from grader.grading.folder import FolderOptions, grade_folder
from grader.grading.marks import ByHand, Override
from grader.grading.part import register_of_part
from grader.grading.single import take_in_single
from grader.reports.write import course_of
from tests.kit.commands import run_module

TinyCourse = Callable[..., Path]
DOUBLE = "def double(x):\n    return 2 * x\n"
TWICE = "from .double import double\n\ndef twice(x):\n    return double(double(x))\n"
ASSIGNMENTS = "assignments:\n  - {id: both, exercises: [double, twice]}\n"
OTHER = """\
id: other
title: Half of a tiny course
hidden_feedback: case
exercises:
  - {id: double, title: Twice as much, worth: 10}
"""


def test_a_part_has_only_what_was_named(tiny_course: TinyCourse) -> None:
    """Exercises are named one by one or with commas, or by their assignment, and keep the course's order."""
    path = tiny_course()
    course = load_course(path)
    assert list(part_of(course, ["twice, double"]).by_id) == ["double", "twice"]
    assert list(part_of(course, ["twice"]).by_id) == ["twice"]
    assert list(part_of(course, [], ["double"]).by_id) == ["double"]
    assert part_of(course) is course
    part = part_of(course, ["twice"])
    assert part.whole is course
    assert [assignment.id for assignment in part.assignments] == ["twice"]
    path.write_text(path.read_text(encoding="utf-8") + ASSIGNMENTS, encoding="utf-8")
    assert incomplete(part_of(load_course(path), ["twice"])) == {"both": ["double"]}
    assert incomplete(part_of(load_course(path), [], ["both"])) == {}


@pytest.mark.parametrize(
    ("only", "assignments", "message"),
    [
        (["doubel"], [], "There is no exercise `doubel` in mine.yaml (did you mean `double`?)"),
        ([","], [], "--only names no exercise"),
        ([], ["week1"], "There is no assignment `week1` in mine.yaml"),
        (["double"], ["twice"], "exclude each other"),
    ],
)
def test_what_doesnt_exist_is_named(
    tiny_course: TinyCourse, only: list[str], assignments: list[str], message: str
) -> None:
    """A wrong name is an error that names the course file in use and the choices."""
    course = load_course(tiny_course().rename(tiny_course().parent / "mine.yaml"))
    with pytest.raises(UsageError) as error:
        part_of(course, only, assignments)
    assert message in str(error.value)


def test_manual_scores_of_other_exercises_do_no_harm(tiny_course: TinyCourse) -> None:
    """In a part, only the scores of its exercises count; a manual total doesn't, and a remark says so."""
    part = part_of(load_course(tiny_course()), ["twice"])
    scores = [Override(1, "a", "double"), Override(2, "b", "twice"), Override(9, "c")]
    register = register_of_part(Register(by_hand={"ann": ByHand("Fine.", scores)}), part)
    assert [score.exercise for score in register.by_hand["ann"].scores] == ["twice"]
    assert "Manual total scores are for the whole course" in register.remarks[0]


def test_a_part_is_graded_with_the_students_other_modules(tiny_course: TinyCourse, tmp_path: Path) -> None:
    """Scores, tables and reports of a part leave out the rest; other course files are obeyed; both share what is kept.

    The whole course is graded after its part, with another file in between, in the same folder.
    """
    path = tiny_course()
    submission = tmp_path / "class" / "ann"
    submission.mkdir(parents=True)
    for name, text in (("double", DOUBLE), ("twice", TWICE)):
        (submission / f"{name}.py").write_text(text, encoding="utf-8")
    out = tmp_path / "out"
    part = grader.load_course(path, only=["twice"])
    results = grader.grade(submission, part, out, jobs=1)
    assert {name: result.score for name, result in results.submissions[0].exercises.items()} == {"twice": 4}
    assert (results.submissions[0].score, results.submissions[0].max_score) == (4, 4)
    assert results.submissions[0].exercises["twice"].together is None
    # The whole course is narrowed to what was graded.
    grader.write_reports(results, grader.load_course(path), out, formats=["canvas", "gradescope"])
    for file in ("grades.csv", "canvas.csv", "gradescope/ann.json", "reports/ann.md", "reports/ann.html"):
        assert "double" not in (out / file).read_text(encoding="utf-8").lower().replace("double(x)", ""), file
    other = path.parent / "other.yaml"
    other.write_text(OTHER, encoding="utf-8")
    (path.parent / "tests" / "claims.yaml").write_text("twice: {test_twice_four: [test_twice_gives_a_float]}\n")
    results = grader.grade(submission, grader.load_course(other), out, jobs=1)
    assert {name: result.score for name, result in results.submissions[0].exercises.items()} == {"double": 10}
    with pytest.raises(grader.GraderError, match=r"The results have exercises that other\.yaml doesn't have"):
        course_of(grader.load_course(other), grader.grade(submission, part, out, jobs=1))
    (whole,) = grader.grade(submission, grader.load_course(path), out, jobs=1).submissions
    assert whole.score == whole.max_score


def test_a_single_submission_always_gets_a_result(
    tiny_course: TinyCourse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file by itself is a submission, and if the grader fails, the result says so in place of a grade."""
    course = load_course(tiny_course())
    file = tmp_path / "double.py"
    file.write_text(DOUBLE, encoding="utf-8")
    taken = take_in_single(file, course)
    assert (taken.id, taken.sources) == ("double", {"double": DOUBLE.encode()})
    (tmp_path / "empty").mkdir()
    assert take_in_single(tmp_path / "empty", course).sources == {}
    with pytest.raises(grader.GraderError, match="doesn't exist"):
        take_in_single(tmp_path / "nowhere", course)

    def fail(*arguments: object, **options: object) -> None:
        raise GraderFailed("The checks cannot be run.")

    monkeypatch.setattr(grading_folder, "grade_the_rest", fail)
    results = grade_folder(tmp_path / "empty", course, tmp_path / "out", FolderOptions(single=True)).results
    assert results.submissions[0].fault
    assert "The checks cannot be run." in " ".join(results.submissions[0].notes)
    with pytest.raises(GraderFailed):
        grade_folder(tmp_path, course, tmp_path / "out", FolderOptions())


def check(course_file: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `grader check`."""
    return run_module("grader", "check", *arguments, "--course", str(course_file), cwd=course_file.parent)


def test_strict_fails_unless_everything_passed(write_tiny_course: Callable[..., Path], tmp_path: Path) -> None:
    """With `--strict`, an exercise that isn't started has status 1, and one that passes 0.

    The course has another file's name, and its folder has a bracket in its path.
    """
    path = write_tiny_course(tmp_path / "course [1]").rename(tmp_path / "course [1]" / "mine.yaml")
    run = check(path, "double", "--strict")
    assert (run.returncode, "double: not started" in run.stdout) == (1, True), run.stdout + run.stderr
    (path.parent / "exercises").mkdir(exist_ok=True)
    (path.parent / "exercises" / "double.py").write_text(DOUBLE, encoding="utf-8")
    run = check(path, "double", "--strict")
    assert (run.returncode, "double: PASSED" in run.stdout) == (0, True), run.stdout + run.stderr
