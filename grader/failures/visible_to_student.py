"""What a student may see of a check. This is decided only here, by the kind of each row.

A student sees everything about a visible check. What a student sees about a hidden check depends on the course's
`hidden_feedback`, and a kind of row that isn't listed here is withheld at every level.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, get_args

from grader.course import FeedbackLevel, Status, Visibility
from grader.failures.rows import Mistake, Row

LEVELS: tuple[FeedbackLevel, ...] = get_args(FeedbackLevel)
TITLE: FeedbackLevel = "title"
"""The lowest level that shows a hidden check's title and the mistakes behind its failure."""
IN_FULL: FeedbackLevel = "message"
"""The lowest level that shows a hidden check's failure row by row."""

SHOWN_FROM: Mapping[str, FeedbackLevel] = {
    "hint": "title",
    "names": "title",
    "slip": "title",
    "not_written": "message",
    "absent": "message",
    "not_imported": "message",
    "import_stopped": "message",
    "import_died": "message",
    "not_built": "message",
    "not_run": "message",
    "given_up": "message",
    "fault": "message",
    "got": "message",
    "raised": "message",
    "stopped": "message",
    "died": "message",
    "at": "message",
    "problem": "message",
    "standins": "message",
    "missing": "message",
    "open": "message",
    "see": "message",
    "rerun": "message",
    # These give away the inputs and correct answers of a hidden check; the text of an exception in the check can too.
    "called": "case",
    "expected": "case",
    "other": "case",
    "differs": "case",
    "weights": "case",
    "broken": "case",
}
"""For each kind of row, the lowest level that shows it for a hidden check."""


class CheckDescription(Protocol):
    """What we know about a check without running it."""

    @property
    def title(self) -> str: ...

    @property
    def visibility(self) -> Visibility: ...


class CheckOutcome(Protocol):
    """What happened when a check ran."""

    @property
    def status(self) -> Status: ...

    @property
    def category(self) -> str: ...

    @property
    def rows(self) -> tuple[Row, ...]: ...

    @property
    def mistakes(self) -> tuple[Mistake, ...]: ...


@dataclass(frozen=True)
class Shown:
    """What a student may see of a check and its outcome.

    Attributes:
        title: the check's title; empty if it is withheld.
        hidden: whether it is a hidden check.
        status: the outcome's status.
        category: the kind of failure, in a word or two; empty if the check passed.
        rows: the rows that the student may see.
        mistakes: the mistakes that explain the failure.
        in_full: whether there is more to show than title, mistakes and hint.
    """

    title: str
    hidden: bool
    status: Status
    category: str
    rows: tuple[Row, ...]
    mistakes: tuple[Mistake, ...]
    in_full: bool


def visible_to_student(check: CheckDescription, outcome: CheckOutcome, level: FeedbackLevel) -> Shown:
    """Choose what a student may see.

    Args:
        check: the check.
        outcome: its outcome. A `CheckResult` is both, so it is passed twice.
        level: how much the course shows of a hidden check.
    """
    if check.visibility == "visible":
        rows, mistakes = outcome.rows, outcome.mistakes
        return Shown(check.title, False, outcome.status, outcome.category, rows, mistakes, bool(rows))
    rows = tuple(row for row in outcome.rows if row.kind in SHOWN_FROM and _reaches(level, SHOWN_FROM[row.kind]))
    shows_title = _reaches(level, TITLE)
    return Shown(
        title=check.title if shows_title else "",
        hidden=True,
        status=outcome.status,
        category=outcome.category,
        rows=rows,
        mistakes=outcome.mistakes if shows_title else (),
        in_full=_reaches(level, IN_FULL) and any(row.kind != "hint" for row in rows),
    )


def _reaches(level: FeedbackLevel, wanted: FeedbackLevel) -> bool:
    return LEVELS.index(level) >= LEVELS.index(wanted)
