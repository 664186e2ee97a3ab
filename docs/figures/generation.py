"""What the temperature makes of the lesson's logits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from grader.pictures import Curve, Curves, Picture, drawn

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LOGITS = {"cat": 2.0, "sat": 1.0, ".": 0.0, "the": -1.0}
"""The lesson's logits after `the`, the likeliest token first."""
TEMPERATURES = [0.1 * step for step in range(1, 51)]


def probabilities_by_temperature() -> Figure:
    """Draw the probability of each token for temperatures up to 5."""
    temperatures = torch.tensor(TEMPERATURES, dtype=torch.float64)[:, None]
    probabilities = (torch.tensor(list(LOGITS.values())) / temperatures).softmax(dim=1)
    curves = tuple(
        Curve(token, tuple(zip(TEMPERATURES, probabilities[:, column].tolist(), strict=True)))
        for column, token in enumerate(LOGITS)
    )
    return drawn.draw(Picture("", (Curves("", curves, (), "temperature", "probability"),)))


FIGURES = {"temperature": probabilities_by_temperature}
