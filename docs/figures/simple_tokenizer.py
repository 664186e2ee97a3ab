"""The lesson's text, its tokens with their ids, and what comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.authoring.figures import box, canvas
from grader.pictures import drawn

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TOKENS = ("Rain", ",", "rain", "--", "it", "'", "s", "raining", ".")
IDS = (4, 1, 6, 2, 5, 0, 8, 7, 3)
TEXTS = ("Rain, rain -- it's raining.", "Rain, rain -- it' s raining.")
ROWS = (("a text", 3.6), ("its tokens", 2.35), ("their ids", 1.55), ("decoded", 0.3))


def words_to_ids() -> Figure:
    """Draw the text, a box for each token with its id, and the decoded text."""
    figure, axes = canvas(7.4, 2.8, 12.0, 4.5)
    for label, y in ROWS:
        axes.text(1.6, y + 0.3, label, ha="right", va="center", fontsize=9.5, color=drawn.SOFT)
    for text, (_, y) in zip(TEXTS, (ROWS[0], ROWS[-1]), strict=True):
        axes.text(6.7, y + 0.3, text, ha="center", va="center", fontsize=12, family="monospace")
    x = 2.0
    for position, (token, number) in enumerate(zip(TOKENS, IDS, strict=True)):
        width = 0.42 + 0.17 * len(token)
        color = drawn.TOKENS[position % len(drawn.TOKENS)]
        box(axes, x, ROWS[1][1], width, 0.62, token, colour=color, size=11)
        axes.text(x + width / 2, ROWS[2][1] + 0.3, str(number), ha="center", va="center", fontsize=11)
        x += width + 0.26
    for top, bottom in ((3.55, 3.1), (1.45, 1.0)):
        axes.annotate(
            "", (6.7, bottom), (6.7, top), arrowprops={"arrowstyle": "->", "color": drawn.SOFT, "linewidth": 1.2}
        )
    return figure


FIGURES = {"words_to_ids": words_to_ids}
