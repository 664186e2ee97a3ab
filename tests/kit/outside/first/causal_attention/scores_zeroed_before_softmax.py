# MISTAKE: Future scores are multiplied by zero before the softmax, where a zero score still has weight exp(0); right is to set them to -inf before the softmax.
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
        scores = scores * torch.tril(torch.ones(t, t, dtype=x.dtype, device=x.device))
        weights = scores.softmax(dim=-1)
        weights = self.drop(weights)
        return torch.einsum("bij,bjd->bid", weights, v)
