"""The kill matrix: which checks see which mistakes of the catalogue, and what follows from it for a course.

A check is worth what it has been shown to reject, and a mistake should be told by the check that is about it. Both
are computed here, by grading every mistake and every right answer of an exercise with all of its checks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.catalogue import Misconception, misconceptions, with_misconception
from grader.course import Course, Exercise, Visibility
from grader.engine import Submission, grade
from grader.verdict import SubmissionResult

VISIBLE_SHARE = 0.8
LEAST_STYLES = 6


@dataclass(frozen=True)
class Row:
    """One mistake, and the ids of the checks that fail on it, in the order in which failures are told."""

    misconception: Misconception
    failed: tuple[str, ...]

    @property
    def first(self) -> str:
        """The check that speaks first; empty where none does."""
        return self.failed[0] if self.failed else ""


@dataclass(frozen=True)
class Matrix:
    """The mistakes of an exercise against its checks.

    Attributes:
        exercise: the exercise; its checks are the columns.
        rows: a row for each mistake, in the order of the catalogue.
        right: for each right answer the ids of the checks that reject it, which should be none.
        styles: how many of the right answers are written in other styles; None where the course keeps none.
    """

    exercise: Exercise
    rows: tuple[Row, ...]
    right: dict[str, tuple[str, ...]]
    styles: int | None

    def caught(self, row: Row, visibility: Visibility) -> int:
        """Count the checks of this visibility that fail on a mistake."""
        return sum(self.exercise.check(check).visibility == visibility for check in row.failed)

    def missed(self, visibility: Visibility) -> list[str]:
        """Name the mistakes that no check of this visibility sees."""
        return [row.misconception.name for row in self.rows if not self.caught(row, visibility)]

    @property
    def passed_over(self) -> list[str]:
        """Name the mistakes of which another check speaks before the one that is about them."""
        return [row.misconception.name for row in self.rows if row.first != row.misconception.check]

    @property
    def idle(self) -> list[str]:
        """Name the checks that fail on no mistake."""
        seen = {check for row in self.rows for check in row.failed}
        return [check.id for check in self.exercise.checks if check.id not in seen]

    @property
    def rejected(self) -> list[str]:
        """Name the right answers that a check rejects, with the checks."""
        return [f"{name} by {', '.join(checks)}" for name, checks in self.right.items() if checks]
