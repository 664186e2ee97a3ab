"""Every check earns its place: right answers in any style pass, and each mistake is caught by the check that is about it.

What the other checks say to each mistake takes minutes; `make matrix` looks at that (tests/kit/slow).
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from grader.authoring.matrix import alone, not_passed
from grader.course import load_course
from grader.course.mistakes import misconceptions, with_misconception
from grader.grading.run import grade

ROOT = Path(__file__).resolve().parents[2]
STYLES = ROOT / "solutions" / "styles"
COURSE = load_course(ROOT / "course.yaml")
EXERCISES = [exercise.id for exercise in COURSE.exercises]
LONG = ("multi_head_attention", "gpt_block")
"""Exercises whose checks take more than a minute over all styles."""
SPREAD = [pytest.param(name, marks=[pytest.mark.slow] if name in LONG else []) for name in EXERCISES]


@pytest.mark.parametrize("exercise", SPREAD)
def test_right_answers_in_every_style_pass(exercise: str) -> None:
    """Six or more right answers in other styles get full marks, and so do the stand-ins."""
    paths = sorted((STYLES / exercise).glob("*.py"))
    assert len(paths) >= 6, f"{exercise} has {len(paths)} styles"
    standin = COURSE.standins / f"{exercise}.py"
    paths += [standin] if standin.is_file() else []
    given = [alone(COURSE, exercise, str(path), path.read_text(encoding="utf-8")) for path in paths]
    for result in grade(COURSE, given):
        assert not not_passed(result, exercise), result.id
        assert result.exercises[exercise].score == COURSE.by_id[exercise].max_score


@pytest.mark.slow
def test_every_mistake_fails_the_check_that_is_about_it() -> None:
    """Each mistake of the catalogue fails its own check, and has a name of its own."""
    given, own = [], {}
    for exercise in EXERCISES:
        mistakes = misconceptions(COURSE, exercise)
        assert len({mistake.name for mistake in mistakes}) == len(mistakes) >= 15
        for mistake in mistakes:
            name = f"{exercise}: {mistake.name}"
            made = alone(COURSE, exercise, name, with_misconception(COURSE, exercise, mistake))
            given.append(dataclasses.replace(made, checks=frozenset([mistake.check])))
            own[name] = (exercise, mistake.check)
    for result in grade(COURSE, given, sandbox="off", trusted=True):
        exercise, check = own[result.id]
        assert not_passed(result, exercise) == (check,), result.id
