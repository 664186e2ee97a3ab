"""Shortcut connections: add what went into a layer to what comes out, so that gradients reach the first layers.

Not in this exercise: shortcuts around several layers, projections for inputs of another width, training.

Book: chapter 4.4
"""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class ExampleDeepNeuralNetwork(nn.Module):
    """Five layers, each a linear layer and a GELU, with or without shortcuts around them.

    Parameters, for layer k from 0 to 4: `layers.k.0.weight` `(layer_sizes[k + 1], layer_sizes[k])` and
    `layers.k.0.bias` `(layer_sizes[k + 1],)`.
    """

    def __init__(self, layer_sizes: Sequence[int], use_shortcut: bool) -> None:
        """Create the layers.

        Args:
            layer_sizes: six widths: that of the input, and that of each layer's output.
            use_shortcut: whether a layer's input is added to its output, if both have the same shape.
        """
        super().__init__()
        ### BEGIN SOLUTION: Keep `use_shortcut`, then make one layer for each pair of neighboring widths.
        self.use_shortcut = use_shortcut
        self.layers = nn.ModuleList(
            nn.Sequential(nn.Linear(d_in, d_out), nn.GELU(approximate="tanh")) for d_in, d_out in pairwise(layer_sizes)
        )
        ### END SOLUTION

    def forward(self, x: Tensor) -> Tensor:
        """Map `(batch, layer_sizes[0])` to `(batch, layer_sizes[5])`; x itself stays unchanged."""
        ### BEGIN SOLUTION: Send x through one layer after the other; in between, decide whether to add.
        for layer in self.layers:
            layer_output = layer(x)  # (batch, d_in) -> (batch, d_out)
            fits = x.shape == layer_output.shape
            x = x + layer_output if self.use_shortcut and fits else layer_output
        return x
        ### END SOLUTION


def print_gradients(model: nn.Module, x: Tensor) -> None:
    """Print how large the gradient of each weight is, in its mean.

    The loss is the squared error of `model(x)` `(1, 1)` against 0. After the backward pass, print one line for each
    parameter with `weight` in its name: the name, and as the last number of the line the mean of the absolute values of
    its gradient.
    """
    ### BEGIN SOLUTION: Start with the loss, and go backward from it.
    output = model(x)  # (1, 1)
    loss = F.mse_loss(output, torch.zeros_like(output))
    loss.backward()

    for name, parameter in model.named_parameters():
        if "weight" in name:
            print(f"{name} has gradient mean of {parameter.grad.abs().mean().item()}")
    ### END SOLUTION
