"""The block as a diagram, and GELU next to ReLU."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F

from grader.authoring.figures import arrow, box, canvas
from grader.pictures import Curve, Curves, Picture, drawn

if TYPE_CHECKING:
    from matplotlib.figure import Figure

HALVES = (("norm1", "att", "dropout", "tokens look at one another"), ("norm2", "ff", "dropout", "each token by itself"))


def the_block() -> Figure:
    """Draw the stream as one straight line, and what is added to it below."""
    figure, axes = canvas(7.0, 2.3, 15.0, 4.9)
    stream, below = 3.7, 1.0
    axes.text(0.3, stream + 0.05, "x", fontsize=12, va="center", ha="center")
    x = 0.7
    for half in HALVES:
        *parts, note = half
        fork, plus = x + 0.4, x + 6.0
        arrow(axes, (x, stream), (plus - 0.38, stream), colour=drawn.SERIES[0])
        lefts = [fork + 0.45 + n * 1.72 for n in range(3)]
        arrow(axes, (fork, stream), (fork, below + 0.42), (lefts[0] - 0.12, below + 0.42))
        for left, name in zip(lefts, parts, strict=True):
            box(axes, left, below, 1.4, 0.84, name, colour=drawn.TOKENS[parts.index(name)], size=9.5)
        for left in lefts[:2]:
            arrow(axes, (left + 1.4, below + 0.42), (left + 1.62, below + 0.42))
        last = lefts[2] + 1.4
        axes.plot([last, plus], [below + 0.42, below + 0.42], color=drawn.SOFT, linewidth=1.6)
        arrow(axes, (plus, below + 0.42), (plus, stream - 0.45))
        box(axes, plus - 0.3, stream - 0.36, 0.6, 0.72, "+", size=12)
        axes.text(lefts[1] + 0.7, below - 0.6, note, ha="center", va="center", fontsize=9.5, color=drawn.SOFT)
        x = plus + 0.35
    arrow(axes, (x, stream), (x + 0.75, stream), colour=drawn.SERIES[0])
    axes.text(x + 1.05, stream + 0.05, "y", fontsize=12, va="center", ha="center")
    axes.text(7.2, stream + 0.75, "the residual stream: things are only added to it", ha="center", fontsize=9.5)
    return figure


def gelu_beside_relu() -> Figure:
    """Draw both activations."""
    x = torch.linspace(-4, 3, 141)
    curves = tuple(
        Curve(label, tuple(zip(x.tolist(), y.tolist(), strict=True)))
        for label, y in (("GELU, tanh form", F.gelu(x, approximate="tanh")), ("ReLU", F.relu(x)))
    )
    return drawn.draw(Picture("", (Curves("", curves, x_label="x"),)))


FIGURES = {"block": the_block, "gelu": gelu_beside_relu}
