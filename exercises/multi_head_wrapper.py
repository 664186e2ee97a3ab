"""Several heads of causal attention side by side.

Not asked: an output projection, and computing all heads in one product; both come in the next exercise.

Book: chapter 3.6.1
"""

import torch
from torch import nn

from .causal_attention import CausalAttention


class MultiHeadAttentionWrapper(nn.Module):
    """Runs several heads on the same input, and puts their outputs next to each other.

    The heads are `heads.0`, `heads.1` and so on, each a `CausalAttention` with parameters of its own. There are no
    other parameters.
    """

    def __init__(
        self, d_in: int, d_out: int, context_length: int, dropout: float, num_heads: int, qkv_bias: bool = False
    ) -> None:
        """Make the heads.

        Args:
            d_in: how many numbers come in per token.
            d_out: how many numbers each head makes per token.
            context_length: the largest number of tokens that `forward` will get; for every head.
            dropout: the probability of dropping an attention weight in training mode; for every head.
            num_heads: the number of heads.
            qkv_bias: whether the three projections of every head have a bias.
        """
        super().__init__()
        raise NotImplementedError("Start with one head, and find the container that makes its parameters known to this module.")

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Let every head attend, each in its own way.

        Args:
            x: token vectors `(batch, tokens, d_in)`, with `1 <= tokens <= context_length`.

        Returns:
            Context vectors `(batch, tokens, num_heads * d_out)`: first the numbers of head 0, then those of head 1, ...
        """
        raise NotImplementedError("Start with the list of what the heads return.")
