"""Every check earns its place: right answers in any style pass, and every mistake in the catalogue is caught by its own check."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.catalogue import misconceptions, with_misconception
from grader.course import Course, load_course
from grader.engine import Submission, grade
from grader.verdict import CheckResult, SubmissionResult

ROOT = Path(__file__).resolve().parents[2]
STYLES = ROOT / "tests" / "kit" / "styles"
COURSE = load_course(ROOT / "course.yaml")
EXERCISES = [exercise.id for exercise in COURSE.exercises]


def alone(course: Course, exercise: str, name: str, text: str) -> Submission:
    """Make a submission of one module, over the solutions of what it needs."""
    needed = {need: (course.solutions / f"{need}.py").read_bytes() for need in course.all_needs(exercise)}
    return Submission(name, needed | {exercise: text.encode()}, ())


def not_passed(result: SubmissionResult, exercise: str) -> list[CheckResult]:
    """List the checks of an exercise that did not pass."""
    return [check for check in result.exercises[exercise].checks if check.status != "passed"]


@pytest.mark.parametrize("exercise", EXERCISES)
def test_right_answers_in_every_style_pass(exercise: str) -> None:
    """Six or more right answers in other styles get full marks, and so do the stand-ins."""
    paths = sorted((STYLES / exercise).glob("*.py"))
    assert len(paths) >= 6, f"{exercise} has {len(paths)} styles"
    standin = COURSE.standins / f"{exercise}.py"
    paths += [standin] if standin.is_file() else []
    given = [alone(COURSE, exercise, str(path), path.read_text(encoding="utf-8")) for path in paths]
    for result in grade(COURSE, given):
        assert not not_passed(result, exercise), f"{result.id}: {not_passed(result, exercise)[0].message}"


@pytest.mark.parametrize("exercise", EXERCISES)
def test_every_mistake_is_caught_by_its_own_check(exercise: str) -> None:
    """Each mistake fails the check that is about it, four in five fail a visible one, and no check is idle."""
    mistakes = misconceptions(COURSE, exercise)
    assert len(mistakes) >= 15
    assert len({mistake.name for mistake in mistakes}) == len(mistakes)
    given = [alone(COURSE, exercise, m.name, with_misconception(COURSE, exercise, m)) for m in mistakes]
    found = {result.id: not_passed(result, exercise) for result in grade(COURSE, given)}
    for mistake in mistakes:
        failed = {check.id: check.status for check in found[mistake.name]}
        assert failed.get(mistake.check, "passed") != "passed", f"{mistake.name} passes {mistake.check}"
    seen = [m.name for m in mistakes if any(check.visibility == "visible" for check in found[m.name])]
    assert len(seen) >= 0.8 * len(mistakes), (
        f"not seen by visible checks: {sorted({m.name for m in mistakes} - set(seen))}"
    )
    caught = {check.id for failed in found.values() for check in failed}
    idle = {check.id for check in COURSE.by_id[exercise].checks} - caught
    assert not idle, f"checks that catch no mistake of the catalogue: {sorted(idle)}"
