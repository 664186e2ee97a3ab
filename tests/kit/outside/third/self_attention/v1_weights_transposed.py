import numpy as np
import torch
import torch.nn as nn


def softmax_naive(x):
    numerator = torch.exp(x)
    denominator = torch.zeros((), dtype=x.dtype)
    for value in numerator:
        denominator = denominator + value
    return numerator / denominator


class SelfAttention_v1(nn.Module):
    """Attention with plain weight matrices."""

    def __init__(self, d_in, d_out):
        super().__init__()
        bound = 1 / np.sqrt(d_in)
        self.W_query = nn.Parameter(torch.empty(d_out, d_in).uniform_(-bound, bound))
        self.W_key = nn.Parameter(torch.empty(d_out, d_in).uniform_(-bound, bound))
        self.W_value = nn.Parameter(torch.empty(d_out, d_in).uniform_(-bound, bound))

    def forward(self, x):
        # (tokens, tokens): one number for each pair
        scores = (x @ self.W_query.T) @ (x @ self.W_key.T).transpose(-2, -1)
        scores = scores / float(np.sqrt(self.W_key.shape[0]))
        scores = scores - scores.amax(dim=-1, keepdim=True)
        weights = scores.exp()
        weights = weights / weights.sum(dim=-1, keepdim=True)
        return weights @ (x @ self.W_value.T)


class SelfAttention_v2(nn.Module):
    """The same with Linear layers."""

    def __init__(self, d_in, d_out, qkv_bias=False):
        super().__init__()
        self.d_out = d_out
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)

    def forward(self, x):
        scores = self.W_query(x) @ self.W_key(x).transpose(-2, -1)
        scores = scores / float(np.sqrt(self.d_out))
        rows = [softmax_naive(row) for row in scores]
        return torch.stack(rows) @ self.W_value(x)
