"""The lesson's heads side by side, and what becomes of the numbers where the swap is forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch

from docs.figures.causal_attention import heat_map, weights
from grader.authoring.figures import box, canvas
from grader.pictures import Picture, drawn

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def heads_side_by_side() -> Figure:
    """Draw the tables of two heads, and that of one head with the same numbers."""
    parts = (("head 0", slice(0, 2)), ("head 1", slice(2, 4)), ("one head alone", slice(0, 4)))
    return drawn.draw(Picture("", tuple(heat_map(title, weights(parameters)) for title, parameters in parts)))


def view_and_transpose() -> Figure:
    """Draw queries, and the two heads cut correctly and by a view only, with a color for each token."""
    queries = torch.tensor([[0, 1, 2, 3], [10, 11, 12, 13], [20, 21, 22, 23]])
    right = queries.view(3, 2, 2).transpose(0, 1)
    bare = queries.view(2, 3, 2)
    figure, axes = canvas(7.0, 2.5, 14.0, 5.0)
    axes.text(0.2, 4.6, "queries, one row a token", fontsize=10.5, va="center")
    _grid(axes, 0.2, 3.3, queries.tolist())
    for left, title, heads in ((5.4, "view, then transpose: right", right), (10.0, "the bare view: wrong", bare)):
        axes.text(left, 4.6, title, fontsize=10.5, va="center")
        for head in range(2):
            x = left + head * 2.1
            axes.text(x + 0.9, 0.6, f"head {head}", ha="center", fontsize=9.5, color=drawn.SOFT)
            _grid(axes, x, 3.3, heads[head].tolist())
    return figure


def _grid(axes: Axes, left: float, top: float, rows: Sequence[Sequence[int]]) -> None:
    for row, numbers in enumerate(rows):
        for column, number in enumerate(numbers):
            colour = drawn.TOKENS[number // 10]
            box(axes, left + column * 0.95, top - row * 1.0, 0.88, 0.86, f"{number}", colour=colour, size=10)


FIGURES = {"heads": heads_side_by_side, "view_and_transpose": view_and_transpose}
