"""How much of a small change in each layer arrives at the output, with shortcuts and without."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F

from grader.pictures import Curve, Curves, Picture, drawn

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTH, NETWORKS, LAYERS = 4, 200, 5


def slopes_by_layer() -> Figure:
    """Draw the slope of the output by what each layer reads, as a power of ten, over many random networks."""
    curves = tuple(
        Curve(label, tuple((float(k), math.log10(slope)) for k, slope in enumerate(_slopes(use_shortcut))))
        for label, use_shortcut in (("with shortcuts", True), ("without", False))
    )
    return drawn.draw(Picture("", (Curves("", curves, (), "layer", "log10 of the slope"),)))


def _slopes(use_shortcut: bool) -> list[float]:
    generator = torch.Generator().manual_seed(1)
    totals = [0.0] * LAYERS
    for _ in range(NETWORKS):
        # Like `nn.Linear`, draw weights between minus and plus one over the root of the width.
        draws = torch.rand(LAYERS, WIDTH, WIDTH, generator=generator, dtype=torch.float64)
        x = torch.ones(1, WIDTH, dtype=torch.float64, requires_grad=True)
        read = []
        for weight in (2 * draws - 1) / math.sqrt(WIDTH):
            read.append(x)
            output = F.gelu(x @ weight.T, approximate="tanh")
            x = x + output if use_shortcut else output
        for k, slope in enumerate(torch.autograd.grad(x.sum(), read)):
            totals[k] += float(slope.abs().mean()) / NETWORKS
    return totals


FIGURES = {"slopes_by_layer": slopes_by_layer}
