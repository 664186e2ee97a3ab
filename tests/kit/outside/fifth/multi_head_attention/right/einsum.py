import math

import torch
from torch import einsum, nn


class MultiHeadAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, num_heads, qkv_bias=False):
        super().__init__()
        self.head_dim, rest = divmod(d_out, num_heads)
        if rest != 0:
            raise ValueError("d_out has to be a multiple of num_heads")
        self.num_heads = num_heads
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.out_proj = nn.Linear(d_out, d_out)
        self.drop = nn.Dropout(p=dropout)

    def project(self, layer, x):
        w = layer.weight.reshape(self.num_heads, self.head_dim, -1)
        y = einsum("bti,hdi->bhtd", x, w)
        if layer.bias is not None:
            y = y + layer.bias.reshape(self.num_heads, 1, self.head_dim)
        return y

    def forward(self, x):
        q = self.project(self.W_query, x)
        k = self.project(self.W_key, x)
        v = self.project(self.W_value, x)
        scores = einsum("bhqd,bhkd->bhqk", q, k) / math.sqrt(self.head_dim)
        pos = torch.arange(x.size(1), device=x.device)
        future = pos[None, :] > pos[:, None]
        scores = scores.masked_fill(future, torch.finfo(scores.dtype).min)
        weights = self.drop(scores.softmax(dim=-1))
        out = einsum("bhqk,bhkd->bqhd", weights, v).flatten(2)
        return self.out_proj(out)
