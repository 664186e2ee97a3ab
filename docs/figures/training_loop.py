"""The lesson's losses with their baseline, and what becomes of gradients that pile up."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F

from grader.pictures import Curve, Curves, Level, Picture, drawn

if TYPE_CHECKING:
    from matplotlib.figure import Figure

STEPS, RATE = 30, 3.0
TRAIN, VAL = (([0, 1, 2], [1, 2, 0]), ([0, 2], [2, 1]))
"""The lesson's texts: what is read, and what follows."""


def losses_and_baseline() -> Figure:
    """Train the lesson's table; draw both losses after each step, and what knowing nothing costs."""
    weights = torch.zeros(3, 3, dtype=torch.float64, requires_grad=True)
    curves: list[list[tuple[float, float]]] = [[], []]
    for step in range(STEPS + 1):
        losses = [F.cross_entropy(weights[inputs], torch.tensor(targets)) for inputs, targets in (TRAIN, VAL)]
        for curve, loss in zip(curves, losses, strict=True):
            curve.append((float(step), float(loss.detach())))
        (gradient,) = torch.autograd.grad(losses[0], weights)
        weights = (weights - RATE * gradient).detach().requires_grad_()
    panel = Curves(
        "",
        (Curve("training loss", tuple(curves[0])), Curve("validation loss", tuple(curves[1]))),
        (Level("knows nothing: ln 3 =", math.log(3)),),
        "steps",
        "loss in nats",
    )
    return drawn.draw(Picture("", (panel,)))


def fresh_and_piled_up() -> Figure:
    """Go down a valley with gradients cleared before each step, and without."""
    paths = []
    for cleared in (True, False):
        w, gradient, path = 1.0, 0.0, [(0.0, 1.0)]
        for step in range(1, 13):
            gradient = w if cleared else gradient + w
            w -= 0.5 * gradient
            path.append((float(step), w))
        paths.append(tuple(path))
    curves = (Curve("fresh gradients", paths[0]), Curve("gradients piled up", paths[1]))
    return drawn.draw(Picture("", (Curves("", curves, (), "steps", "w; the bottom of the valley is 0"),)))


FIGURES = {"overfitting": losses_and_baseline, "piled_up": fresh_and_piled_up}
