"""How many tokens a model reads, with and without a cache."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.pictures import Curve, Curves, Picture, drawn

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PROMPT, NEW = 10, 100


def tokens_read() -> Figure:
    """Draw how many tokens were read after each new token of the lesson's text."""
    without = [(float(new), float(sum(range(PROMPT, PROMPT + new)))) for new in range(1, NEW + 1)]
    cached = [(float(new), float(PROMPT + new - 1)) for new in range(1, NEW + 1)]
    curves = (Curve("without a cache", tuple(without)), Curve("with a cache", tuple(cached)))
    return drawn.draw(Picture("", (Curves("", curves, (), "new tokens", "tokens read"),)))


FIGURES = {"tokens_read": tokens_read}
