"""`docs/authoring.md`, followed to the letter: a new exercise needs no change in `grader/`."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from grader.authoring.drafts import unwritten
from grader.authoring.generate import build, stale_files
from grader.authoring.new import new_exercise
from grader.course import Course, load_course
from grader.course.mistakes import misconceptions, with_misconception
from grader.errors import NothingToShow
from grader.grading import Submission
from grader.grading.run import grade
from grader.pictures.show import show
from grader.port import InProcess
from tests.kit.pages import finish, replace_block, write_files

PAGE = Path(__file__).resolve().parents[2] / "docs" / "authoring.md"
ID = "softmax_naive"


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """Return a copy of the course after every step of the page."""
    root = tmp_path_factory.mktemp("followed") / "course"
    # The other exercises' catalogs take minutes to go through, and are covered by another test.
    left_out = shutil.ignore_patterns("__pycache__", "misconceptions", "cases")
    for name in ("exercises", "solutions", "tests"):
        shutil.copytree(PAGE.parents[1] / name, root / name, ignore=left_out)
    text = PAGE.read_text(encoding="utf-8")
    shutil.copyfile(PAGE.parents[1] / "course.yaml", root / "course.yaml")
    created = new_exercise(root / "course.yaml", ID)
    written = write_files(text, root)
    # Whatever the command creates is written on the page.
    assert {path.as_posix() for path in created} - {"course.yaml"} <= set(written)
    assert ID in load_course(root / "course.yaml").drafts
    replace_block(text, root / "course.yaml", ID)
    assert not list(unwritten(root, ID))
    finish(root / "course.yaml")
    course = load_course(root / "course.yaml")
    build(course)
    return load_course(root / "course.yaml")


def graded_alone(course: Course, **texts: str) -> dict[str, dict[str, str]]:
    """Grade texts of the new module; return each check's status, by the texts' names."""
    given = [Submission(name, {ID: text.encode()}, ()) for name, text in texts.items()]
    return {r.id: {check.id: check.status for check in r.exercises[ID].checks} for r in grade(course, given)}


def test_the_page_makes_a_whole_exercise(followed: Course) -> None:
    """Stub, golden record, points: everything the page promises is there and up to date."""
    exercise = followed.by_id[ID]
    assert [check.visibility for check in exercise.checks] == ["visible"] * 3 + ["hidden"]
    assert exercise.max_score == 5
    assert "Start with the exponential" in (followed.stubs / f"{ID}.py").read_text(encoding="utf-8")
    assert (followed.golden / f"{ID}.json").is_file()
    assert stale_files(followed) == []


def test_the_page_says_what_comes_out(followed: Course) -> None:
    """The solution and the other style pass, the stub counts as not started, and each mistake fails its own check."""
    solution = (followed.solutions / f"{ID}.py").read_text(encoding="utf-8")
    style = followed.root / "solutions" / "styles" / ID / "shifted.py"
    mistakes = misconceptions(followed, ID)
    texts = {mistake.name: with_misconception(followed, ID, mistake) for mistake in mistakes}
    stub = (followed.stubs / f"{ID}.py").read_text(encoding="utf-8")
    statuses = graded_alone(followed, solution=solution, style=style.read_text(encoding="utf-8"), stub=stub, **texts)
    assert set(statuses["solution"].values()) == set(statuses["style"].values()) == {"passed"}
    assert set(statuses["stub"].values()) == {"not_started"}
    for mistake in mistakes:
        assert statuses[mistake.name][mistake.check] == "failed", mistake.name


def test_the_page_draws_what_it_says(followed: Course) -> None:
    """The stub is reported as unfinished, the solution is drawn as correct, and a mistake is named."""
    path = followed.stubs / f"{ID}.py"
    stub = path.read_text(encoding="utf-8")
    with pytest.raises(NothingToShow, match="Start with the exponential"):
        show(followed, ID, InProcess)
    try:
        path.write_text((followed.solutions / f"{ID}.py").read_text(encoding="utf-8"), encoding="utf-8")
        assert not show(followed, ID, InProcess).wrong
        path.write_text(with_misconception(followed, ID, misconceptions(followed, ID)[0]), encoding="utf-8")
        assert "not to 1" in show(followed, ID, InProcess).pictures[0].wrong[0]
    finally:
        path.write_text(stub, encoding="utf-8")
