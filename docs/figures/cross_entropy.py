"""The loss of an unlikely target, computed in three ways."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from grader.pictures import Curve, Curves, Picture, drawn

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def distance() -> Figure:
    """Draw three losses over the distance of the target's logit below the other one."""
    distances = torch.arange(0.0, 201.0)
    logits = torch.stack([torch.zeros_like(distances), distances], dim=-1)
    probabilities = torch.softmax(logits, dim=-1)[:, 0]
    losses = (
        ("difference of logarithms", -torch.log_softmax(logits, dim=-1)[:, 0]),
        ("logarithm of a softmax", -probabilities.log()),
        ("1e-8 added to it", -(probabilities + 1e-8).log()),
    )
    curves = tuple(
        Curve(label, tuple((x, y) for x, y in zip(distances.tolist(), loss.tolist(), strict=True) if y < 1e9))
        for label, loss in losses
    )
    return drawn.draw(Picture("", (Curves("", curves, x_label="distance", y_label="loss"),)))


FIGURES = {"distance": distance}
