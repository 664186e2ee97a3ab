"""The windows of the lesson's text for three strides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.authoring.figures import box, canvas
from grader.pictures import drawn

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TOKENS = ("the", "cat", "saw", "the", "bird", "and", "ran")
MAX_LENGTH = 3
STRIDES = (1, 2, 3)
LEFT, WIDTH, HEIGHT = 2.2, 1.1, 0.42


def windows() -> Figure:
    """Draw the tokens, and below them a row of boxes for each window of each stride."""
    figure, axes = canvas(7.0, 4.2, 10.2, 6.4)
    y = 5.7
    for position, token in enumerate(TOKENS):
        axes.text(LEFT + (position + 0.5) * WIDTH, y + 0.2, token, ha="center", va="center", fontsize=11)
    for number, stride in enumerate(STRIDES):
        y -= 0.2
        starts = range(0, len(TOKENS) - MAX_LENGTH, stride)
        middle = y - len(starts) * 0.52 / 2 + 0.05
        axes.text(LEFT - 0.3, middle, f"stride {stride}", ha="right", va="center", fontsize=9.5, color=drawn.SOFT)
        for start in starts:
            y -= 0.52
            for offset in range(MAX_LENGTH + 1):
                x = LEFT + (start + offset) * WIDTH + 0.03
                last = offset == MAX_LENGTH
                color = "white" if last else drawn.TOKENS[number % len(drawn.TOKENS)]
                box(axes, x, y, WIDTH - 0.06, HEIGHT, "target" if last else "", colour=color, size=8)
    return figure


FIGURES = {"windows": windows}
