import math

import torch
from torch import nn


class CausalAttention(nn.Module):
    """Computes scores and weights in float32, without autocast, and mixes in the values' dtype."""

    def __init__(self, d_in, d_out, context_length, dropout, qkv_bias=False):
        super().__init__()
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.dropout = nn.Dropout(dropout)
        self.register_buffer("keep", torch.tril(torch.ones(context_length, context_length), 1))

    def forward(self, x):
        n = x.shape[1]
        q, k, v = self.W_query(x), self.W_key(x), self.W_value(x)
        with torch.autocast("cpu", enabled=False):
            scores = (q.float() @ k.float().transpose(1, 2)) / math.sqrt(k.shape[-1])
            e = scores.exp() * self.keep[:n, :n].float()
            weights = e / e.sum(-1, keepdim=True)
        return self.dropout(weights.to(v.dtype)) @ v
