"""Slips: small faults in one line that make nearly every check of an exercise fail.

The far side finds the lines that may contain one (`grader.learner.slips`), and the near side tries which of them
explains a failure (`grader.naming.slips`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import msgspec

if TYPE_CHECKING:
    # It imports torch, which code that only hands out work doesn't need.
    from grader.wire.plain import Plain

MAX_SLIPS = 40
"""The most lines of a module that are looked at."""
SlipKind = Literal["transposed", "cut", "unflattened", "no_return"]


class Slip(msgspec.Struct, frozen=True):
    """A line that may contain a slip.

    Attributes:
        kind: `transposed` for `.T` and `.t()`, which reverse all dimensions; `cut` for `.item()` and the like, which
            leave the graph; `unflattened` for a cross-entropy of more than two dimensions; `no_return` for a function
            without a `return`.
        line: the line's number in the module's file.
        column: where it begins in the line, counted from 0.
        function: the function that it is in; empty at the top level.
        source: the expression, or the last statement of the function.
    """

    kind: SlipKind
    line: int
    column: int
    function: str
    source: str


def to_plain(slips: Sequence[Slip]) -> Plain:
    """Make plain data of slips, for a reply."""
    return [[slip.kind, slip.line, slip.column, slip.function, slip.source] for slip in slips]


def from_plain(value: Plain) -> tuple[Slip, ...]:
    """Read slips from a reply; a reply of another form contains none."""
    slips = []
    for row in value[:MAX_SLIPS] if isinstance(value, list) else []:
        match row:
            case [("transposed" | "cut" | "unflattened" | "no_return") as kind, int(), int(), str(), str()]:
                slips.append(Slip(kind, *row[1:]))
    return tuple(slips)
