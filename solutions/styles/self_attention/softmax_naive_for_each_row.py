import torch
from torch import nn


def softmax_naive(x):
    shifted = x - x.max()
    powers = [torch.e**score for score in shifted]
    return torch.stack([power / sum(powers) for power in powers])


def context(query, keys, values):
    weights = softmax_naive(torch.stack([query.dot(key) / len(key) ** 0.5 for key in keys]))
    return sum(weight * value for weight, value in zip(weights, values, strict=True))


class SelfAttention_v1(nn.Module):
    """Works one token at a time, with the softmax written above."""

    def __init__(self, d_in, d_out):
        super().__init__()
        for name in ("W_query", "W_key", "W_value"):
            setattr(self, name, nn.Parameter(torch.randn(d_in, d_out) / d_in**0.5))

    def forward(self, x):
        queries, keys, values = ([token @ matrix for token in x] for matrix in self.parameters())
        return torch.stack([context(query, keys, values) for query in queries])


class SelfAttention_v2(nn.Module):
    def __init__(self, d_in, d_out, qkv_bias=False):
        super().__init__()
        for name in ("W_query", "W_key", "W_value"):
            setattr(self, name, nn.Linear(d_in, d_out, bias=qkv_bias))

    def forward(self, x):
        queries, keys, values = ([layer(token) for token in x] for layer in self.children())
        return torch.stack([context(query, keys, values) for query in queries])
