"""The cause that checks share if they fail before they reach what they test.

Code that raises at one line, or returns nothing, fails every check that runs it. Their titles say nothing about the
cause, so it is shown once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from grader.failures.rows import INSTEAD_OF_TITLE, NONE_TYPE, NOTHING, Row

ENOUGH = 3
"""From this number on, checks that fail for one cause are shown together."""
K = TypeVar("K")


@dataclass(frozen=True)
class Cause:
    """Why a check failed before it came to what it is about.

    Attributes:
        key: what identifies the cause within an exercise.
        sentence: what to say about `count` checks, with that placeholder; empty if a row says it.
    """

    key: tuple[str, ...]
    sentence: str = ""


def cause_of(rows: Sequence[Row]) -> Cause | None:
    """Return the cause of a failure; None if the check got a result that it could look at."""
    by_kind = {row.kind: row for row in rows}
    if rows and rows[0].kind in INSTEAD_OF_TITLE:
        return Cause((rows[0].kind, rows[0].exercise, *rows[0].lines))
    raised, at = by_kind.get("raised"), by_kind.get("at")
    if raised is not None and at is not None and at.places:
        position = at.places[-1]
        key = (*raised.about[:1], position.module, position.cell, str(position.line))
        return Cause(key, "{count} checks stop at the same line, before they reach what they test.")
    if raised is not None:
        sentence = "{count} checks end in the same error, before they reach what they test."
        return Cause((raised.kind, *raised.lines), sentence)
    got, called = by_kind.get("got"), by_kind.get("called")
    if got is not None and NOTHING in got.about and called is not None and called.about:
        function = called.about[0]
        return Cause((NOTHING, function), f"{{count}} checks get None from `{function}(…)`. Is a `return` missing?")
    return None


def shared(failures: Mapping[K, Sequence[Row]]) -> dict[K, Cause]:
    """Return the cause of each failure that has one in common with enough others.

    If a function returns nothing, the lines that use its result raise, which isn't another cause.
    """
    causes = {name: cause for name, rows in failures.items() if (cause := cause_of(rows)) is not None}
    silent = {cause.key[1]: cause for cause in causes.values() if cause.key[0] == NOTHING}
    for name, rows in failures.items():
        used_nothing = any(NONE_TYPE in row.about for row in rows)
        code = [position.code for row in rows if row.kind == "at" for position in row.places[-1:]]
        users = [function for function in silent if any(f"{function}(" in statement for statement in code)]
        if used_nothing and users:
            causes[name] = silent[users[0]]
    keys = [cause.key for cause in causes.values()]
    return {name: cause for name, cause in causes.items() if keys.count(cause.key) >= ENOUGH}
