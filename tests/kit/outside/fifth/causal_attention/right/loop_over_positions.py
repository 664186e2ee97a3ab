import math

import torch
import torch.nn as nn


class CausalAttention(nn.Module):
    """Every position in turn looks back at what has been read so far."""

    def __init__(self, d_in, d_out, context_length, dropout, qkv_bias=False):
        super().__init__()
        self.W_query = nn.Linear(d_in, d_out, qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, qkv_bias)
        self.drop = nn.Dropout(dropout)
        self.root = math.sqrt(d_out)

    def look_back(self, query, keys, values):
        # query (batch, d), keys and values (batch, seen, d)
        scores = (keys * query.unsqueeze(1)).sum(-1) / self.root
        weights = self.drop(scores.softmax(-1))
        return (weights.unsqueeze(-1) * values).sum(1)

    def forward(self, x):
        q, k, v = self.W_query(x), self.W_key(x), self.W_value(x)
        rows = [self.look_back(q[:, i], k[:, : i + 1], v[:, : i + 1]) for i in range(x.size(1))]
        return torch.stack(rows, dim=1)
