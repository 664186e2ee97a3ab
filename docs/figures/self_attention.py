"""The lesson's scores with softmax over the keys, and over the queries."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from grader.pictures import HeatMap, Picture, drawn, table
from pictures.self_attention import KEYS, QUERIES, WORDS

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def softmax_in_both_directions() -> Figure:
    """Draw the table whose rows sum to 1 next to the one whose columns do."""
    scores = QUERIES @ KEYS.T / 2
    titles = {"softmax over the keys": 1, "softmax over the queries": 0}
    panels = tuple(
        HeatMap(title, table(torch.softmax(scores, dim=dim).tolist()), WORDS, WORDS) for title, dim in titles.items()
    )
    return drawn.draw(Picture("", panels))


FIGURES = {"softmax_directions": softmax_in_both_directions}
