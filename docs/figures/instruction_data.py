"""The inputs and targets of the lesson's batch, with the targets that count."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.authoring.figures import box, canvas
from grader.pictures import drawn

if TYPE_CHECKING:
    from matplotlib.figure import Figure

BATCH = {"A": (3, 1, 4, 1, 5), "B": (9, 2), "C": (6, 5, 3)}
WIDTH, HEIGHT = 0.78, 0.5
STARTS = {"inputs": 0.7, "targets": 5.6}


def padded_batch() -> Figure:
    """Draw a table of inputs and one of targets: tokens, end tokens, padding, and what is ignored."""
    figure, axes = canvas(7.0, 2.0, 10.0, 2.8)
    longest = max(map(len, BATCH.values()))
    for title, left in STARTS.items():
        axes.text(left + longest * WIDTH / 2, 2.4, title, ha="center", va="center", fontsize=10, color=drawn.SOFT)
        for row, (name, item) in enumerate(BATCH.items()):
            y = 1.55 - row * 0.62
            if title == "inputs":
                axes.text(0.35, y + HEIGHT / 2, name, ha="center", va="center", fontsize=10)
            cells = [*map(str, item), "E"][title == "targets" :]
            cells += ["E" if title == "inputs" else "-100"] * (longest - len(cells))
            for column, text in enumerate(cells[:longest]):
                color = {"E": drawn.TOKENS[1], "-100": "white"}.get(text, drawn.TOKENS[0])
                box(axes, left + column * WIDTH, y, WIDTH - 0.06, HEIGHT, text, colour=color, size=9)
    return figure


FIGURES = {"padded_batch": padded_batch}
