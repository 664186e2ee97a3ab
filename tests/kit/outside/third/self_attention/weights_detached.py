import torch
from torch import nn


def softmax_naive(x):
    x = torch.exp(x)
    return torch.div(x, torch.sum(x, dim=-1, keepdim=True))


class SelfAttention_v1(nn.Module):
    def __init__(self, d_in, d_out):
        super().__init__()
        self.d_out = d_out
        self.W_query = nn.Parameter(torch.rand(d_in, d_out))
        self.W_key = nn.Parameter(torch.rand(d_in, d_out))
        self.W_value = nn.Parameter(torch.rand(d_in, d_out))

    def attention_weights(self, x):
        queries = x @ self.W_query
        keys = x @ self.W_key
        return softmax_naive(queries @ keys.transpose(0, 1) / self.d_out**0.5)

    def forward(self, x):
        with torch.no_grad():
            weights = self.attention_weights(x)
        return weights @ (x @ self.W_value)


class SelfAttention_v2(nn.Module):
    def __init__(self, d_in, d_out, qkv_bias=False):
        super().__init__()
        self.d_out = d_out
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)

    def attention_weights(self, x):
        queries = self.W_query(x)
        keys = self.W_key(x)
        return softmax_naive(queries @ keys.transpose(0, 1) / self.d_out**0.5)

    def forward(self, x):
        return self.attention_weights(x) @ self.W_value(x)
