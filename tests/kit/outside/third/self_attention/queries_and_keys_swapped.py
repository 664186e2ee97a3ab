import torch
from torch import nn
from torch.nn.functional import linear, softmax


def softmax_naive(x):
    powers = torch.e ** x
    return powers / torch.sum(powers)


class SelfAttention_v1(nn.Module):
    def __init__(self, d_in, d_out):
        super().__init__()
        self.scale = d_out ** -0.5
        self.W_query = nn.Parameter(torch.randn(d_in, d_out))
        self.W_key = nn.Parameter(torch.randn(d_in, d_out))
        self.W_value = nn.Parameter(torch.randn(d_in, d_out))

    def forward(self, x):
        q = x.matmul(self.W_query)
        k = x.matmul(self.W_key)
        v = x.matmul(self.W_value)
        scores = k.mm(q.t()).mul(self.scale)
        return softmax(scores, dim=1).mm(v)


class SelfAttention_v2(nn.Module):
    def __init__(self, d_in, d_out, qkv_bias=False):
        super().__init__()
        self.scale = d_out ** -0.5
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)

    def forward(self, x):
        q, k, v = [linear(x, layer.weight, layer.bias) for layer in (self.W_query, self.W_key, self.W_value)]
        scores = q.mm(k.t()).mul(self.scale)
        return softmax(scores, dim=1).mm(v)
