"""The lesson's two tokens, step by step: before, centred, divided."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from grader.pictures import Bars, drawn

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ROWS = torch.tensor([[1.0, 3.0, 4.0, 5.0, 7.0], [10.0, 10.0, 10.0, 10.0, 20.0]])
"""The lesson's tokens."""


def a_row_normalised() -> Figure:
    """Draw a row of panels for each token."""
    from matplotlib.figure import Figure

    labels = tuple(f"f{place}" for place in range(ROWS.shape[1]))
    figure = Figure(figsize=(7.0, 4.6), layout="constrained")
    made = figure.subplots(len(ROWS), 3)
    for token, row in enumerate(ROWS):
        centred = row - row.mean()
        root = float(row.var(correction=0).sqrt())
        steps = (
            (f"token {token}: x", row),
            (f"minus the mean, {float(row.mean()):g}", centred),
            (f"divided by {root:g}", centred / root),
        )
        for axes, (title, values) in zip(made[token], steps, strict=True):
            axes.set_title(title, fontsize=10.5, loc="left")
            drawn.draw_panel(axes, Bars("", labels, tuple(values.tolist())))
    return figure


FIGURES = {"row_normalised": a_row_normalised}
