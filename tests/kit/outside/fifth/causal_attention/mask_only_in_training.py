import torch
import torch.nn as nn


class CausalAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, qkv_bias=False):
        super().__init__()
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.p = dropout

    def forward(self, x):
        q, k, v = self.W_query(x), self.W_key(x), self.W_value(x)
        scores = torch.einsum("b i d, b j d -> b i j", q, k) / q.shape[-1] ** 0.5
        if self.training:
            n = x.shape[1]
            scores = scores + torch.triu(scores.new_full((n, n), float("-inf")), 1)
        weights = scores.softmax(dim=-1)
        weights = nn.functional.dropout(weights, p=self.p, training=self.training)
        return torch.einsum("b i j, b j d -> b i d", weights, v)
