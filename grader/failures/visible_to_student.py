"""What a student may see of a check: decided here, by the kind of each row, and nowhere else.

Of a visible check a student sees everything. Of a hidden one it depends on the course's `hidden_feedback`, and a kind
of row that isn't listed here is withheld at every level.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, get_args

from grader.course import FeedbackLevel, Status, Visibility
from grader.failures.rows import Mistake, Row

LEVELS: tuple[FeedbackLevel, ...] = get_args(FeedbackLevel)
TITLE: FeedbackLevel = "title"
"""The level from which on a hidden check's title and the mistakes behind its failure are shown."""
IN_FULL: FeedbackLevel = "message"
"""The level from which on a hidden check's failure is shown row by row."""

SHOWN_FROM: Mapping[str, FeedbackLevel] = {
    "hint": "title",
    "not_written": "message",
    "absent": "message",
    "not_imported": "message",
    "import_stopped": "message",
    "import_died": "message",
    "not_run": "message",
    "given_up": "message",
    "fault": "message",
    "got": "message",
    "raised": "message",
    "stopped": "message",
    "died": "message",
    "at": "message",
    "problem": "message",
    "missing": "message",
    "open": "message",
    "see": "message",
    "rerun": "message",
    # They give away the inputs and the right answers of a hidden check; so can the text of an exception in the check.
    "called": "case",
    "expected": "case",
    "differs": "case",
    "weights": "case",
    "broken": "case",
}
"""For each kind of row the level from which on a student sees it in a hidden check."""


class AboutCheck(Protocol):
    """What is known of a check without running it."""

    @property
    def title(self) -> str: ...

    @property
    def visibility(self) -> Visibility: ...


class WhatCame(Protocol):
    """What became of a check."""

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
    """What a student may see of a check and of what became of it.

    Attributes:
        title: the sentence that the check holds; empty if it is withheld.
        hidden: whether it is a hidden check.
        status: what became of it.
        category: what sort of failure it is, in a word or two; empty if it passed.
        rows: the rows that may be seen.
        mistakes: the mistakes that explain the failure.
        in_full: there is more to show than title, mistakes and hint.
    """

    title: str
    hidden: bool
    status: Status
    category: str
    rows: tuple[Row, ...]
    mistakes: tuple[Mistake, ...]
    in_full: bool


def visible_to_student(check: AboutCheck, outcome: WhatCame, level: FeedbackLevel) -> Shown:
    """Choose what a student may see.

    Args:
        check: the check.
        outcome: what became of it; a result holds both, and is given twice.
        level: how much the course tells of a hidden check.
    """
    if check.visibility == "visible":
        rows, mistakes = outcome.rows, outcome.mistakes
        return Shown(check.title, False, outcome.status, outcome.category, rows, mistakes, bool(rows))
    rows = tuple(row for row in outcome.rows if row.kind in SHOWN_FROM and _reaches(level, SHOWN_FROM[row.kind]))
    named = _reaches(level, TITLE)
    return Shown(
        title=check.title if named else "",
        hidden=True,
        status=outcome.status,
        category=outcome.category,
        rows=rows,
        mistakes=outcome.mistakes if named else (),
        in_full=_reaches(level, IN_FULL) and any(row.kind != "hint" for row in rows),
    )


def _reaches(level: FeedbackLevel, wanted: FeedbackLevel) -> bool:
    return LEVELS.index(level) >= LEVELS.index(wanted)
