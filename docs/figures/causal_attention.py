"""Attention weights of the lesson's example, without and with the mask."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F

from grader.pictures import HeatMap, Picture, drawn, table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WORDS = ("red", "cat", "sleeps")
X = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
W_QUERY = torch.tensor([[0.0, 4.0], [0.0, 0.0], [0.0, 0.0], [2.0, 0.0]])
W_KEY = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0], [0.0, 1.0]])
"""The lesson's tokens and matrices."""


def weights(head: slice, masked: bool = True) -> torch.Tensor:
    """Return the table of weights of the rows of the projections that a head owns."""
    queries, keys = X @ W_QUERY[head].T, X @ W_KEY[head].T
    return F.scaled_dot_product_attention(queries[None], keys[None], torch.eye(3)[None], is_causal=masked)[0]


def heat_map(title: str, of: torch.Tensor) -> HeatMap:
    """Make a heat map over the lesson's words."""
    return HeatMap(title, table(of.tolist()), WORDS, WORDS)


def without_and_with_the_mask() -> Figure:
    """Draw the table without the mask next to the one with it."""
    whole = slice(0, 4)
    panels = (heat_map("without mask", weights(whole, False)), heat_map("with the mask", weights(whole)))
    return drawn.draw(Picture("", panels))


FIGURES = {"causal_mask": without_and_with_the_mask}
