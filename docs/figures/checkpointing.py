"""What becomes of a weight if the optimizer forgets its momentum in a break."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.pictures import Curve, Curves, Picture, drawn

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def momentum_lost() -> Figure:
    """Move the lesson's weight for eight steps, without a break, and with one after step 3 that loses the momentum."""
    paths = []
    for break_after in (8, 3):
        w = v = 0.0
        path = [(0.0, w)]
        for step in range(8):
            v = 0.9 * (0.0 if step == break_after else v) + 1
            w -= 0.1 * v
            path.append((step + 1.0, w))
        paths.append(tuple(path))
    curves = (Curve("without a break", paths[0]), Curve("momentum lost after step 3", paths[1]))
    return drawn.draw(Picture("", (Curves("", curves, (), "steps", "w"),)))


FIGURES = {"momentum_lost": momentum_lost}
