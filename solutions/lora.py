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
        ### BEGIN SOLUTION: Create the two matrices; only one of them may start at zero.
        self.A = nn.Parameter(torch.randn(in_dim, rank) / math.sqrt(in_dim))
        self.B = nn.Parameter(torch.zeros(rank, out_dim))
        self.factor = alpha / rank
        ### END SOLUTION

    def forward(self, x: Tensor) -> Tensor:
        """Map `(…, in_dim)` to `(…, out_dim)`: c · x A B, where c is `alpha` or `alpha / rank`, as you like."""
        ### BEGIN SOLUTION: Follow the shapes from in_dim to rank to out_dim.
        return self.factor * (x @ self.A @ self.B)  # (…, in_dim) -> (…, rank) -> (…, out_dim)
        ### END SOLUTION


class LinearWithLoRA(nn.Module):
    """A linear layer, and a LoRA layer next to it.

    Submodules: `linear`, which is the layer that came, and `lora` (LoRALayer).
    """

    def __init__(self, linear: nn.Linear, rank: int, alpha: float) -> None:
        """Keep the linear layer, and create a LoRA layer of its size."""
        super().__init__()
        ### BEGIN SOLUTION: Ask the linear layer for its sizes.
        self.linear = linear
        self.lora = LoRALayer(linear.in_features, linear.out_features, rank, alpha)
        ### END SOLUTION

    def forward(self, x: Tensor) -> Tensor:
        """Map `(…, in_features)` to `(…, out_features)`."""
        ### BEGIN SOLUTION: Both layers get the same input.
        return self.linear(x) + self.lora(x)
        ### END SOLUTION


def replace_linear_with_lora(model: nn.Module, rank: int, alpha: float) -> None:
    """Replace every `nn.Linear` of a model, at every depth, by a `LinearWithLoRA` around it, in the model itself.

    Each linear layer is replaced once, and is kept in what replaces it. Which parameters are trainable doesn't change,
    because freezing them is up to the caller.
    """
    ### BEGIN SOLUTION: Write it for the model's direct children first.
    for parent in list(model.modules()):  # a list, because new modules appear on the way
        for name, child in parent.named_children():
            if isinstance(child, nn.Linear):
                setattr(parent, name, LinearWithLoRA(child, rank, alpha))
    ### END SOLUTION
