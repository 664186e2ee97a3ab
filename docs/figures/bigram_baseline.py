"""The lesson's table of probabilities with no, some and much smoothing."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

from grader.pictures import HeatMap, Picture, drawn, table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TEXT = "ababbca"
"""The lesson's training text."""
LETTERS = ("a", "b", "c")
AMOUNTS = (0, 1, 10)


def smoothed_tables() -> Figure:
    """Draw a heat map for each amount of smoothing."""
    pairs = Counter(pairwise(TEXT))
    panels = []
    for k in AMOUNTS:
        rows = [[pairs[before, after] + k for after in LETTERS] for before in LETTERS]
        shares = table([[count / sum(row) for count in row] for row in rows])
        panels.append(HeatMap(f"k = {k}", shares, LETTERS, LETTERS))
    return drawn.draw(Picture("", tuple(panels)))


FIGURES = {"smoothing": smoothed_tables}
