"""What the page about a class shows of submissions that fail alike without a known mistake."""

from __future__ import annotations

from dataclasses import dataclass

from grader.course import Course
from grader.failures.as_text import rows_as_text
from grader.grading.results import CheckResult, Results
from grader.grading.unnamed import UnnamedGroup, is_unnamed, unnamed_groups

SHOWN = ("called", "got", "expected", "other", "differs", "raised", "problem", "missing")
"""The kinds of row that are shown; positions are those of one student's code."""
MOST_GROUPS = 30


@dataclass(frozen=True)
class ShownGroup:
    """A group as the page shows it.

    Attributes:
        id: its id.
        students: the ids of its submissions.
        checks: how many checks fail.
        title: the check of the smallest case.
        lines: that case.
        measured: the facts that were measured in one of the submissions, as sentences.
    """

    id: str
    students: tuple[str, ...]
    checks: int
    title: str
    lines: tuple[str, ...]
    measured: tuple[str, ...]


@dataclass(frozen=True)
class UnnamedInExercise:
    """An exercise: the groups of at least two students, the largest first, and the ids of the groups of only one."""

    exercise: str
    groups: tuple[ShownGroup, ...]
    single: tuple[tuple[str, str], ...]


def unnamed_by_exercise(course: Course, results: Results) -> list[UnnamedInExercise]:
    """List the exercises in which something fails without a known mistake, in the order of the course."""
    groups = unnamed_groups(results)
    shown = []
    for exercise in course.exercises:
        of_exercise = [group for group in groups if group.exercise == exercise.id]
        several = [group for group in of_exercise if len(group.submissions) > 1]
        single = tuple((group.id, group.submissions[0]) for group in of_exercise if len(group.submissions) == 1)
        if of_exercise:
            shown.append(UnnamedInExercise(exercise.id, tuple(_shown(group, results) for group in several), single))
    return shown


def _shown(group: UnnamedGroup, results: Results) -> ShownGroup:
    of_members = {
        submission.id: submission.exercises[group.exercise].checks
        for submission in results.submissions
        if submission.id in group.submissions
    }
    failed = [
        [check for check in checks if check.status not in ("passed", "skipped")] for checks in of_members.values()
    ]
    smallest = min((check for checks in failed for check in checks if is_unnamed(check)), key=_size)
    measured = dict.fromkeys(mistake.did for check in failed[0] for mistake in check.mistakes if mistake.is_measured)
    rows = [row for row in smallest.rows if row.kind in SHOWN]
    lines = rows_as_text("", rows)[1:]
    return ShownGroup(group.id, group.submissions, len(failed[0]), smallest.title, tuple(lines), tuple(measured))


def _size(check: CheckResult) -> tuple[bool, int]:
    """Return how large a failing case is, as a program; one with a result is smaller than any without."""
    return not any(row.kind == "got" for row in check.rows), len(check.counterexample)
