"""Level 3 of `grader bugs` on the real course: a small GPT trains badly, and a fix brings its curve back."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from benchmarks.bugs import copy_of_course
from grader.study import hunting
from grader.study.hunt import load_hunts, planted_file, right_letters
from grader.study.record import Sighting, record

pytestmark = pytest.mark.slow


def test_a_small_gpt_trains_badly_until_it_is_fixed(tmp_path: Path) -> None:
    """The bug costs much of what training gains; only the learner's kind of code passes the checks and the curve."""
    course = copy_of_course(tmp_path)
    for exercise in course.exercises:
        content = (course.stubs / f"{exercise.id}.py").read_bytes()
        checks = {check.id: "passed" for check in exercise.checks if check.visibility == "visible"}
        record(course, [Sighting(exercise.id, content, checks)], print)
    before = {path.name: path.read_bytes() for path in course.stubs.glob("*")}
    hunt = hunting.begin(course, None, 3, 1, print)
    assert hunt.runs is not None
    right, planted = hunt.runs
    assert right.end < 2.3
    assert planted.trains_badly(right)
    assert len(hunt.options) == 4
    assert hunting.name(course, right_letters(hunt)[0], print).is_right
    assert not hunting.check(course, print, printing=False).is_right
    shutil.copy(course.stubs / f"{hunt.exercise}.py", planted_file(course, hunt))
    fixed = hunting.check(course, print, printing=False)
    assert fixed.is_right, fixed.sentences
    assert {path.name: path.read_bytes() for path in course.stubs.glob("*")} == before
    assert load_hunts(course, print).finished[0].fixed
