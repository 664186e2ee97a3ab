"""Layer normalization: bring each vector to mean 0 and variance 1, then apply a learned scale and shift.

Not in this exercise: a hand-written backward pass, statistics over the batch, running averages, a fused kernel.

Book: chapter 4.2
"""

import torch
from torch import Tensor, nn


class LayerNorm(nn.Module):
    """Normalize the last dimension, with a learned scale and a learned shift for each feature.

    Parameters of the module:
        scale: `(emb_dim,)`, ones at the start.
        shift: `(emb_dim,)`, zeros at the start.
    """

    def __init__(self, emb_dim: int, eps: float = 1e-5) -> None:
        """Create the two parameters.

        Args:
            emb_dim: Number of features in each token's vector.
            eps: A small number that keeps the division safe if a vector hardly varies.
        """
        super().__init__()
        ### BEGIN SOLUTION: Store eps, then register the two parameters `scale` and `shift`.
        self.eps = eps
        self.scale = nn.Parameter(torch.ones(emb_dim))
        self.shift = nn.Parameter(torch.zeros(emb_dim))
        ### END SOLUTION

    def forward(self, x: Tensor) -> Tensor:
        """Normalize each vector by its own mean and biased variance, then scale and shift it.

        Args:
            x: `(batch, tokens, emb_dim)`, or any other number of leading dimensions.

        Returns:
            A new tensor with the shape and dtype of `x`.
        """
        ### BEGIN SOLUTION: Start with the mean over the last dimension.
        centered = x - x.mean(dim=-1, keepdim=True)  # (batch, tokens, emb_dim)
        variance = centered.pow(2).mean(dim=-1, keepdim=True)  # (batch, tokens, 1)
        normalized = centered / torch.sqrt(variance + self.eps)  # (batch, tokens, emb_dim)
        return self.scale * normalized + self.shift
        ### END SOLUTION
