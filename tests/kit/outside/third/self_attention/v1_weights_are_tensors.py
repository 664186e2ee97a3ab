import torch
from torch import nn


def softmax_naive(x):
    exps = torch.exp(x)
    total = exps.sum()
    return exps / total


def self_attention(queries, keys, values):
    n = queries.shape[0]
    d = keys.shape[1]
    outputs = []
    for i in range(n):
        scores = []
        for j in range(n):
            score = torch.dot(queries[i], keys[j]) / d ** 0.5
            scores.append(score)
        weights = softmax_naive(torch.stack(scores))
        context = torch.zeros_like(values[0])
        for j in range(n):
            context = context + weights[j] * values[j]
        outputs.append(context)
    return torch.stack(outputs)


class SelfAttention_v1(nn.Module):
    def __init__(self, d_in, d_out):
        super().__init__()
        self.d_in = d_in
        self.d_out = d_out
        self.W_query = torch.rand(d_in, d_out)
        self.W_key = torch.rand(d_in, d_out)
        self.W_value = torch.rand(d_in, d_out)

    def forward(self, x):
        queries = torch.matmul(x, self.W_query)
        keys = torch.matmul(x, self.W_key)
        values = torch.matmul(x, self.W_value)
        return self_attention(queries, keys, values)


class SelfAttention_v2(nn.Module):
    def __init__(self, d_in, d_out, qkv_bias=False):
        super().__init__()
        self.d_in = d_in
        self.d_out = d_out
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)

    def forward(self, x):
        queries = self.W_query(x)
        keys = self.W_key(x)
        values = self.W_value(x)
        return self_attention(queries, keys, values)
