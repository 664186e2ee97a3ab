"""The lesson's array `c_attn`, and the three weights made from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.pictures import Picture, drawn
from pictures.gpt2_weights import columns, weight_map, weights

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def c_attn_split() -> Figure:
    """Draw the array and the three weights."""
    return drawn.draw(Picture("", (columns(), *(weight_map(name, table) for name, table in weights().items()))))


FIGURES = {"c_attn_split": c_attn_split}
