"""Where the operations of a forward pass go, for short and for long texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.pictures import Curve, Curves, Picture, drawn

if TYPE_CHECKING:
    from matplotlib.figure import Figure

VOCABULARY, WIDTH, LAYERS = 50257, 768, 12
"""The sizes of GPT-2's smallest model."""
LENGTHS = range(1, 16386, 256)


def shares(tokens: int) -> dict[str, float]:
    """Return the share of each kind of matrix product, for a text of this many tokens."""
    operations = {
        "the blocks' matrices": 24 * LAYERS * tokens * WIDTH**2,
        "scores and mixing": 4 * LAYERS * tokens**2 * WIDTH,
        "the head": 2 * tokens * WIDTH * VOCABULARY,
    }
    return {name: count / sum(operations.values()) for name, count in operations.items()}


def where_operations_go() -> Figure:
    """Draw the three shares over the number of tokens."""
    curves = tuple(Curve(name, tuple((tokens, shares(tokens)[name]) for tokens in LENGTHS)) for name in shares(1))
    return drawn.draw(Picture("", (Curves("", curves, x_label="tokens", y_label="share of the operations"),)))


FIGURES = {"accounting": where_operations_go}
