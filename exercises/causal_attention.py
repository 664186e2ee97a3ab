"""Causal self-attention with one head: every token gathers information from itself and the tokens before it.

Not in this exercise: several heads, an output projection, a cache of keys and values, padding masks, fused kernels.

Book: chapter 3.5 (built up in 3.3 and 3.4).
"""

import torch
from torch import nn


class CausalAttention(nn.Module):
    """Scaled dot-product attention in which no token sees a later one.

    The trainable parameters are `W_query.weight`, `W_key.weight` and `W_value.weight`, each `(d_out, d_in)`,
    and with `qkv_bias`, also `W_query.bias`, `W_key.bias` and `W_value.bias`, each `(d_out,)`.
    """

    def __init__(self, d_in: int, d_out: int, context_length: int, dropout: float, qkv_bias: bool = False) -> None:
        """Prepare the three projections, the dropout and whatever the mask needs.

        Args:
            d_in: how many numbers come in per token.
            d_out: how many numbers go out per token; also the width of queries, keys and values.
            context_length: the largest number of tokens that `forward` will get.
            dropout: the probability, from 0 to 1, of dropping each attention weight in training mode.
            qkv_bias: whether the three projections have a bias.
        """
        super().__init__()
        raise NotImplementedError("Start with the three linear layers that the class docstring names.")

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Let every token attend to itself and to the tokens before it.

        Args:
            x: token vectors `(batch, tokens, d_in)`, with `1 <= tokens <= context_length`.

        Returns:
            Context vectors `(batch, tokens, d_out)`; row i depends only on rows 0 to i of `x`.
        """
        raise NotImplementedError("Start with the queries, keys and values of every token.")
