"""What people really hand in: correct work keeps its points in whatever form it arrives, and every sentence is true.

Each folder of `arrivals/` is about one kind: `expected.yaml` says what becomes of each submission next to it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from grader.course import Course
from grader.grading.intake import take_in
from grader.grading.results import SubmissionResult
from grader.grading.run import grade
from grader.reports.feedback import feedback

ARRIVALS = Path(__file__).resolve().parent / "arrivals"


class Expected(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What becomes of one submission.

    Attributes:
        about: what is special about it, in a sentence.
        full: exercises that get full marks; any others in `loses` and `parts` get theirs, and the rest is not started.
        loses: for each other exercise exactly the checks that fail, without the word `test_`.
        parts: for each other exercise the least and the most checks that may pass, if the checks are many.
        names: for each exercise the known mistakes that are named, all of them.
        says: texts that the student's report contains.
        once: texts that it contains exactly once.
        never: texts that it doesn't contain.
    """

    about: str
    full: list[str] = []
    loses: dict[str, list[str]] = {}
    parts: dict[str, tuple[int, int]] = {}
    names: dict[str, list[str]] = {}
    says: list[str] = []
    once: list[str] = []
    never: list[str] = []


def expectations() -> dict[str, Expected]:
    """Read what is expected of each submission; the key is its folder, as `kind/name`."""
    expected_of = {}
    for path in sorted(ARRIVALS.glob("*/expected.yaml")):
        entries = msgspec.yaml.decode(path.read_bytes(), type=dict[str, Expected])
        expected_of |= {f"{path.parent.name}/{name}": expected for name, expected in entries.items()}
    return expected_of


EXPECTED = expectations()
SAMPLE = frozenset(name for number, name in enumerate(EXPECTED) if number % 12 == 0)
"""Every twelfth is graded by `make test`, and the others by `make slow`: together they take minutes."""


@pytest.fixture(scope="module")
def graded(course: Course) -> Callable[[str], SubmissionResult]:
    """Return what looks up a submission's result; the sample is graded as one class, and the others as another."""

    @functools.cache
    def results(sampled: bool) -> dict[str, SubmissionResult]:
        names = [name for name in EXPECTED if (name in SAMPLE) == sampled]
        submissions = [take_in(ARRIVALS / name, course, name.replace("/", ": ")) for name in names]
        return dict(zip(names, grade(course, submissions), strict=True))

    return lambda name: results(name in SAMPLE)[name]


def test_every_folder_has_an_expectation() -> None:
    """No submission lies there unread, and none is expected that is missing."""
    folders = {f"{path.parent.name}/{path.name}" for path in ARRIVALS.glob("*/*/") if path.name != "__pycache__"}
    assert folders == set(EXPECTED)


@pytest.mark.parametrize(
    "name", [name if name in SAMPLE else pytest.param(name, marks=pytest.mark.slow) for name in EXPECTED]
)
def test_what_arrives_gets_what_it_deserves(
    course: Course, graded: Callable[[str], SubmissionResult], name: str
) -> None:
    """Points, failed checks, names of mistakes and sentences are those that an instructor would give."""
    expected, result = EXPECTED[name], graded(name)
    assert not result.fault, result.notes
    stated = {*expected.full, *expected.loses, *expected.parts}
    started = {id for id, exercise in result.exercises.items() if exercise.status != "not_started"}
    assert started <= stated, f"not expected: {started - stated}"
    for exercise in expected.full:
        assert _failed(result, exercise) == [], exercise
        assert result.exercises[exercise].score == result.exercises[exercise].max_score
    for exercise, checks in expected.loses.items():
        assert _failed(result, exercise) == sorted(checks), exercise
    for exercise, (least, most) in expected.parts.items():
        passed = sum(check.status == "passed" for check in result.exercises[exercise].checks)
        assert least <= passed <= most, exercise
    for exercise, names in expected.names.items():
        mistakes = [mistake for check in result.exercises[exercise].checks for mistake in check.mistakes]
        # What was measured is true in any case; which name a mistake gets isn't.
        named = {mistake.name for mistake in mistakes if not mistake.is_measured}
        assert named == set(names), exercise
    report = feedback(course, result)
    for text in expected.says:
        assert text in report, report
    for text in expected.once:
        assert report.count(text) == 1, report
    for text in expected.never:
        assert text not in report, report


def _failed(result: SubmissionResult, exercise: str) -> list[str]:
    """List the checks of an exercise that did not pass, without the word `test_`."""
    checks = result.exercises[exercise].checks
    return sorted(check.id.removeprefix("test_") for check in checks if check.status != "passed")
