# MISTAKE: Dropout is applied to the scores before the softmax; right is dropout on the attention weights after it.
import math
import torch
import torch.nn as nn


class CausalAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, qkv_bias=False):
        super().__init__()
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.drop = nn.Dropout(dropout)
        self.scale = 1.0 / math.sqrt(d_out)

    def forward(self, x):
        t = x.size(1)
        q = self.W_query(x)
        k = self.W_key(x)
        v = self.W_value(x)
        scores = torch.einsum("bid,bjd->bij", q, k) * self.scale
        allowed = torch.tril(torch.ones(t, t, dtype=torch.bool, device=x.device))
        scores = self.drop(scores)
        scores = scores.masked_fill(~allowed, float("-inf"))
        weights = scores.softmax(dim=-1)
        return torch.einsum("bij,bjd->bid", weights, v)
