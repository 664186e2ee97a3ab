"""A stand-in for `causal_attention`, built on torch's attention: a second reference that gives nothing away."""

import torch
import torch.nn.functional as F
from torch import nn


class CausalAttention(nn.Module):
    def __init__(self, d_in: int, d_out: int, context_length: int, dropout: float, qkv_bias: bool = False) -> None:
        super().__init__()
        self.dropout, self.context_length = dropout, context_length
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if x.shape[1] > self.context_length:  # A wrong context_length then fails, as it does with a mask of that size.
            raise ValueError(f"{x.shape[1]} tokens are more than context_length={self.context_length}")
        return F.scaled_dot_product_attention(
            self.W_query(x),
            self.W_key(x),
            self.W_value(x),
            is_causal=True,
            dropout_p=self.dropout if self.training else 0.0,
        )
