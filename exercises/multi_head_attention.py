"""Causal self-attention with several heads: one set of projections, cut into heads, then mixed again.

Not asked: a cache of keys and values, shared keys, padding masks, dropout on the output, fused kernels.

Book: chapter 3.6.
"""

import torch
from torch import nn


class MultiHeadAttention(nn.Module):
    """Causal attention by `num_heads` heads side by side, followed by an output projection.

    Each head is `head_dim = d_out // num_heads` wide; head h owns the rows `h * head_dim:(h + 1) * head_dim`
    of each projection. The trainable parameters are `W_query.weight`, `W_key.weight` and `W_value.weight`,
    each `(d_out, d_in)`, with `qkv_bias` also their `.bias`, each `(d_out,)`, and always `out_proj.weight`
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
            d_in: numbers per token that come in.
            d_out: numbers per token that go out, all heads together.
            context_length: the largest number of tokens that `forward` will be given.
            dropout: probability, from 0 to 1, with which one attention weight is dropped in training mode.
            num_heads: number of heads.
            qkv_bias: whether the query, key and value projections have a bias.

        Raises:
            ValueError: if `d_out` cannot be shared out evenly among `num_heads`.
        """
        super().__init__()
        raise NotImplementedError("Start by refusing a d_out that does not divide evenly.")

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Let every head attend on its own, put the heads side by side in their order, and project.

        Args:
            x: token vectors `(batch, tokens, d_in)`, with `1 <= tokens <= context_length`.

        Returns:
            Context vectors `(batch, tokens, d_out)`; row i depends on the rows 0 to i of `x` only.
        """
        raise NotImplementedError("Start with the three projections, then cut each into heads.")
