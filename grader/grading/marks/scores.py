"""Manual scores, as a submission's entry in the marks lists them."""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec

from grader.course import Course
from grader.grading.unknown import unknown


class Override(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A manual score: of a check, of an exercise if `check` is None, or the total score if `exercise` is None too."""

    score: float
    reason: str
    exercise: str | None = None
    check: str | None = None


def problem_of_score(course: Course, override: Override, before: Sequence[Override]) -> str:
    """Say what is wrong with a manual score; empty if nothing is.

    Args:
        course: the course.
        override: the manual score.
        before: the submission's manual scores that come before it.
    """
    exercise, check = override.exercise, override.check
    if not (math.isfinite(override.score) and override.score >= 0):
        return "a score must be a number that is not below 0"
    if not override.reason.strip():
        return "a manual score needs a reason"
    if exercise is None and check is not None:
        return "name the exercise that the check belongs to"
    if exercise is not None and exercise not in course.by_id:
        return unknown("exercise", exercise, list(course.by_id))
    if exercise is not None and check is not None:
        checks = [known.id for known in course.by_id[exercise].checks]
        if check not in checks:
            return unknown("check", check, checks, f" in `{exercise}`")
    for other in before:
        if exercise is None or other.exercise is None:
            return "the total score is set by hand, so remove the other scores"
        if exercise == other.exercise and (check == other.check or check is None or other.check is None):
            return f"`{check if check == other.check and check else exercise}` has two manual scores"
    return ""
