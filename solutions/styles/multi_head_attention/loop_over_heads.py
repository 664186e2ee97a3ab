import math

import torch
from torch import nn


class MultiHeadAttention(nn.Module):
    """Uses slices instead of reshapes, and takes one head and one query at a time."""

    def __init__(self, d_in, d_out, context_length, dropout, num_heads, qkv_bias=False):
        super().__init__()
        assert d_out / num_heads == int(d_out / num_heads)
        self.W_query = nn.Linear(d_in, d_out, qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, qkv_bias)
        self.out_proj = nn.Linear(d_out, d_out)
        self.dropout = nn.Dropout(dropout)
        self.size = d_out // num_heads
        self.num_heads = num_heads

    def forward(self, x):
        heads = []
        for h in range(self.num_heads):
            cut = slice(h * self.size, (h + 1) * self.size)
            q, k, v = self.W_query(x)[..., cut], self.W_key(x)[..., cut], self.W_value(x)[..., cut]
            rows = []
            for i in range(x.shape[1]):
                powers = torch.exp((q[:, i : i + 1] * k[:, : i + 1]).sum(-1) / math.sqrt(self.size))
                weights = self.dropout(powers / powers.sum(-1, keepdim=True))
                rows.append((weights.unsqueeze(-1) * v[:, : i + 1]).sum(1))
            heads.append(torch.stack(rows, 1))
        return self.out_proj(torch.cat(heads, -1))
