"""Attention with several heads, computed by torch's own function."""

import torch.nn.functional as F
from torch import nn


class MultiHeadAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, num_heads, qkv_bias=False):
        super().__init__()
        if d_out % num_heads:
            raise ValueError("the heads must have equal widths")
        self.heads, self.rate = num_heads, dropout
        self.W_query, self.W_key, self.W_value = (nn.Linear(d_in, d_out, bias=qkv_bias) for _ in range(3))
        self.out_proj = nn.Linear(d_out, d_out)

    def forward(self, x):
        parts = [
            project(x).unflatten(-1, (self.heads, -1)).transpose(1, 2)
            for project in (self.W_query, self.W_key, self.W_value)
        ]
        mixed = F.scaled_dot_product_attention(*parts, dropout_p=self.rate if self.training else 0.0, is_causal=True)
        return self.out_proj(mixed.transpose(1, 2).flatten(2))
