"""Causal self-attention with several heads: one set of projections, cut into heads, then blended again.

Not in this exercise: a cache of keys and values, shared keys, padding masks, dropout on the output, fused kernels.

Book: chapter 3.6.
"""

import torch
from torch import nn


class MultiHeadAttention(nn.Module):
    """Causal attention by `num_heads` heads side by side, followed by an output projection.

    Each head is `head_dim = d_out // num_heads` wide; head h owns the rows `h * head_dim:(h + 1) * head_dim`
    of each projection. The trainable parameters are `W_query.weight`, `W_key.weight` and `W_value.weight`,
    each `(d_out, d_in)`; with `qkv_bias`, also their `.bias`, each `(d_out,)`; and always `out_proj.weight`
    `(d_out, d_out)` and `out_proj.bias` `(d_out,)`.
    """

    def __init__(
        self,
        d_in: int,
        d_out: int,
        context_length: int,
        dropout: float,
        num_heads: int,
        qkv_bias: bool = False,
    ) -> None:
        """Prepare the projections, the dropout and whatever the mask needs.

        Args:
            d_in: how many numbers come in per token.
            d_out: how many numbers go out per token, all heads together.
            context_length: the largest number of tokens that `forward` will get.
            dropout: the probability, from 0 to 1, of dropping each attention weight in training mode.
            num_heads: the number of heads.
            qkv_bias: whether the query, key and value projections have a bias.

        Raises:
            ValueError: `d_out` isn't divisible by `num_heads`.
        """
        super().__init__()
        raise NotImplementedError("Start by refusing a d_out that num_heads doesn't divide evenly.")

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Let every head attend on its own, put the results side by side in order, and project them.

        Args:
            x: token vectors `(batch, tokens, d_in)`, with `1 <= tokens <= context_length`.

        Returns:
            Context vectors `(batch, tokens, d_out)`; row i depends only on rows 0 to i of `x`.
        """
        raise NotImplementedError("Start with the three projections, then cut each into heads.")
