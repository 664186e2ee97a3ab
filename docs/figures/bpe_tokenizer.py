"""Merges as a tree over the letters of a word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.authoring.figures import box, canvas
from grader.pictures import drawn, shown_bytes

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MERGES = ((b" ", b"s"), (b"l", b"s"), (b"l", b"ls"), (b"h", b"e"))
"""What the lesson's example learns, in this order."""
WORD = b" shells"
FIRST = 256


def merges_as_a_tree() -> Figure:
    """Draw the letters of a word, and above them each merge at the height of its turn."""
    figure, axes = canvas(7.0, 3.7, 9.4, 6.0)
    # A token: its bytes, the middle of its box, the height of its box.
    row = [(bytes([value]), 2.0 + position * 1.0, 0.2) for position, value in enumerate(WORD)]
    for token, x, y in row:
        box(axes, x - 0.36, y, 0.72, 0.62, shown_bytes(token), size=11)
    axes.text(1.35, 0.5, "bytes", ha="right", va="center", fontsize=9.5, color=drawn.SOFT)
    for turn, pair in enumerate(MERGES):
        y = 1.5 + turn * 1.1
        axes.text(1.35, y + 0.3, f"merge {turn}", ha="right", va="center", fontsize=9.5, color=drawn.SOFT)
        position = next(n for n in range(len(row) - 1) if (row[n][0], row[n + 1][0]) == pair)
        parts = row[position : position + 2]
        x = (parts[0][1] + parts[1][1]) / 2
        for _, below, top in parts:
            axes.plot([below, below, x, x], [top + 0.62, y - 0.22, y - 0.22, y], color=drawn.SOFT, linewidth=1.2)
        token = pair[0] + pair[1]
        width = 0.5 + 0.26 * len(token) + 0.75
        box(
            axes, x - width / 2, y, width, 0.62, f"{shown_bytes(token)}  {FIRST + turn}",
            colour=drawn.TOKENS[turn % len(drawn.TOKENS)], size=11,
        )  # fmt: skip
        row[position : position + 2] = [(token, x, y)]
    return figure


FIGURES = {"bpe_merges": merges_as_a_tree}
