"""What a student reads about a failure is true: hints, stand-ins, remarks, differences, and one cause said once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from grader.course import Course, load_course
from grader.grading import Submission
from grader.grading.results import CheckResult, SubmissionResult
from grader.grading.run import grade

TinyCourse = Callable[..., Path]
HINT = "Adding one is not doubling."


@pytest.fixture
def tiny(tiny_course: TinyCourse) -> Course:
    """Return the course of two small exercises."""
    return load_course(tiny_course())


def graded(course: Course, **modules: str) -> SubmissionResult:
    """Grade one submission."""
    (result,) = grade(course, [Submission("ann", {name: text.encode() for name, text in modules.items()}, ())])
    return result


def kinds(check: CheckResult) -> list[str]:
    """List the kinds of a check's rows."""
    return [row.kind for row in check.rows]


@pytest.mark.parametrize(
    ("double", "kind"),
    [
        ("def double(x):\n    return x.double\n", "raised"),
        ("def double(x, y):\n    return 2 * x\n", "raised"),
        ("def doubled(x):\n    return 2 * x\n", "missing"),
        ("def double(x):\n    2 * x\n", "got"),
        ("def double(x):\n    while True:\n        pass\n", "stopped"),
        ("import os\n\ndef double(x):\n    os._exit(1)\n", "died"),
    ],
)
def test_a_hint_is_only_about_wrong_values(tiny: Course, double: str, kind: str) -> None:
    """A check's hint isn't next to an exception, a missing name, a missing `return`, a timeout or a crash."""
    check, _ = graded(tiny, double=double).exercises["double"].checks
    assert kind in kinds(check)
    assert "hint" not in kinds(check)


def test_a_hint_is_given_with_a_wrong_value(tiny: Course) -> None:
    """A check's hint is next to a wrong value, so the test above can fail."""
    check, _ = graded(tiny, double="def double(x):\n    return x + 1\n").exercises["double"].checks
    assert [row.lines for row in check.rows if row.kind == "hint"] == [(HINT,)]
