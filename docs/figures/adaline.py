"""The lesson's neuron: its line before each of three epochs, and its losses with three learning rates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from grader.pictures import Curve, Curves, Level, drawn

if TYPE_CHECKING:
    from matplotlib.figure import Figure

X, Y = np.array([0.0, 2.0]), np.array([0.0, 1.0])
"""The lesson's examples."""
EPOCHS, SHOWN = 10, 3
SMALL, TAKEN, LARGE = 0.05, 0.25, 0.4


def line_and_losses() -> Figure:
    """Draw the line as it moves, and the losses next to it."""
    from matplotlib.figure import Figure

    lines = tuple(
        Curve(f"epoch {epoch}", tuple(zip(X.tolist(), (w * X + b).tolist(), strict=True)))
        for epoch, (w, b, _) in enumerate(_epochs(TAKEN)[:SHOWN], 1)
    )
    losses = tuple(
        Curve(f"η = {eta:g}", tuple((float(epoch), loss) for epoch, (_, _, loss) in enumerate(_epochs(eta), 1)))
        for eta in (SMALL, TAKEN, LARGE)
    )
    figure = Figure(figsize=(8.4, 3.6), layout="constrained")
    left, right = figure.subplots(1, 2)
    left.set_title(f"The line, η = {TAKEN:g}", fontsize=11, loc="left")
    drawn.draw_panel(left, Curves("", lines, (Level("class 1 from", 0.5),), "x", "net input"))
    left.plot(X, Y, "D", color=drawn.INK, markersize=7, label="examples")
    left.legend(loc="upper left", fontsize=9)
    right.set_title("The losses", fontsize=11, loc="left")
    drawn.draw_panel(right, Curves("", losses, (), "epoch", "loss"))
    return figure


def _epochs(eta: float) -> list[tuple[float, float, float]]:
    """Return weight, bias and loss before the step of each epoch."""
    w = b = 0.0
    path = []
    for _ in range(EPOCHS):
        errors = Y - (w * X + b)
        path.append((w, b, float((errors**2).mean())))
        w, b = w + eta * 2 * float((errors * X).mean()), b + eta * 2 * float(errors.mean())
    return path


FIGURES = {"line_and_losses": line_and_losses}
