"""The lesson's two tokens, step by step: before, centered, divided."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.pictures import drawn
from pictures.layer_norm import ROWS, bars

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def a_row_normalised() -> Figure:
    """Draw a row of panels for each token."""
    rows = []
    for token, x in enumerate(ROWS):
        mean, root = float(x.mean()), float(x.var(correction=0).sqrt())
        steps = {
            f"token {token}: x": x,
            f"minus the mean, {mean:g}": x - mean,
            f"divided by {root:g}": (x - mean) / root,
        }
        rows.append([bars(title, values) for title, values in steps.items()])
    return drawn.draw_rows(rows, width=7.0, height=4.6)


FIGURES = {"row_normalised": a_row_normalised}
