"""The learning rate over a run, with the right cosine and with one that is spread over all steps."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from grader.pictures import Curve, Curves, Picture, drawn

if TYPE_CHECKING:
    from matplotlib.figure import Figure

STEPS, WARM_UP = 60, 12
INITIAL, PEAK, LOWEST = 0.1, 1.0, 0.05


def rates() -> Figure:
    """Draw the schedule, and the most common mistake with it."""
    curves = []
    for name, length in (("warm-up, then half a cosine", STEPS - WARM_UP), ("cosine over all 60 steps: wrong", STEPS)):
        points = [(float(step), INITIAL + step * (PEAK - INITIAL) / WARM_UP) for step in range(WARM_UP)]
        for step in range(WARM_UP, STEPS):
            left = 0.5 * (1 + math.cos(math.pi * (step - WARM_UP) / length))
            points.append((float(step), LOWEST + (PEAK - LOWEST) * left))
        curves.append(Curve(name, tuple(points)))
    return drawn.draw(Picture("", (Curves("", tuple(curves), (), "step", "learning rate, peak = 1"),)))


FIGURES = {"lr_schedule": rates}
