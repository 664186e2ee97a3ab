"""A stand-in for `multi_head_attention`, built on torch's attention: a second reference that gives nothing away."""

import torch
import torch.nn.functional as F
from torch import nn


class MultiHeadAttention(nn.Module):
    def __init__(
        self, d_in: int, d_out: int, context_length: int, dropout: float, num_heads: int, qkv_bias: bool = False
    ) -> None:
        super().__init__()
        if d_out % num_heads:
            raise ValueError(f"d_out={d_out} cannot be split into {num_heads} heads")
        self.num_heads, self.dropout, self.context_length = num_heads, dropout, context_length
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.out_proj = nn.Linear(d_out, d_out)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        batch, tokens, _ = x.shape
        if tokens > self.context_length:  # A wrong context_length then fails, as it does with a mask of that size.
            raise ValueError(f"{tokens} tokens are more than context_length={self.context_length}")

        def heads(projected: torch.Tensor) -> torch.Tensor:
            return projected.reshape(batch, tokens, self.num_heads, -1).transpose(1, 2)

        context = F.scaled_dot_product_attention(
            heads(self.W_query(x)),
            heads(self.W_key(x)),
            heads(self.W_value(x)),
            is_causal=True,
            dropout_p=self.dropout if self.training else 0.0,
        )
        return self.out_proj(context.transpose(1, 2).reshape(batch, tokens, -1))
