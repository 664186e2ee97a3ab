"""LoRA: leave a model's weights as they are, and train two thin matrices next to each linear layer.

Not in this exercise: freezing the model, merging what was learned into the weights, dropout, choosing the layers.

Book: appendix E
"""

import math

import torch
from torch import Tensor, nn


class LoRALayer(nn.Module):
    """What is added to a linear layer's output: x goes through a thin matrix A, and then through a flat matrix B.

    Parameters: `A` `(in_dim, rank)`, random, and `B` `(rank, out_dim)`, zeros.
    """

    def __init__(self, in_dim: int, out_dim: int, rank: int, alpha: float) -> None:
        """Create A and B; `alpha` says how much their product counts."""
        super().__init__()
        raise NotImplementedError("Create the two matrices; only one of them may start at zero.")

    def forward(self, x: Tensor) -> Tensor:
        """Map `(…, in_dim)` to `(…, out_dim)`: c · x A B, where c is `alpha` or `alpha / rank`, as you like."""
        raise NotImplementedError("Follow the shapes from in_dim to rank to out_dim.")


class LinearWithLoRA(nn.Module):
    """A linear layer, and a LoRA layer next to it.

    Submodules: `linear`, which is the layer that came, and `lora` (LoRALayer).
    """

    def __init__(self, linear: nn.Linear, rank: int, alpha: float) -> None:
        """Keep the linear layer, and create a LoRA layer of its size."""
        super().__init__()
        raise NotImplementedError("Ask the linear layer for its sizes.")

    def forward(self, x: Tensor) -> Tensor:
        """Map `(…, in_features)` to `(…, out_features)`."""
        raise NotImplementedError("Both layers get the same input.")


def replace_linear_with_lora(model: nn.Module, rank: int, alpha: float) -> None:
    """Replace every `nn.Linear` of a model, at every depth, by a `LinearWithLoRA` around it, in the model itself.

    Each linear layer is replaced once, and is kept in what replaces it. Which parameters are trainable doesn't change,
    because freezing them is up to the caller.
    """
    raise NotImplementedError("Write it for the model's direct children first.")
