import torch
import torch.nn as nn
from math import sqrt


class MultiHeadAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, num_heads, qkv_bias=False):
        super().__init__()
        assert d_out % num_heads == 0
        self.nh = num_heads
        self.scale = 1.0 / sqrt(d_in / num_heads)
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.out_proj = nn.Linear(d_out, d_out)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        # one head after the other; torch.chunk cuts the features into nh equal pieces
        qs = torch.chunk(self.W_query(x), self.nh, dim=2)
        ks = torch.chunk(self.W_key(x), self.nh, dim=2)
        vs = torch.chunk(self.W_value(x), self.nh, dim=2)
        n = x.shape[1]
        future = torch.triu(torch.ones(n, n, device=x.device), diagonal=1) == 1
        contexts = []
        for q, k, v in zip(qs, ks, vs):
            s = q @ k.transpose(1, 2) * self.scale
            s[:, future] = float("-inf")
            contexts.append(self.dropout(torch.softmax(s, dim=-1)) @ v)
        return self.out_proj(torch.cat(contexts, dim=2))
