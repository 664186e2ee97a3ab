# MISTAKE: out_proj is built but never applied in forward; right is to pass the concatenated heads through it.
import torch
import torch.nn as nn


class MultiHeadAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, num_heads, qkv_bias=False):
        super().__init__()
        if d_out % num_heads:
            raise ValueError("d_out must be divisible by num_heads")
        self.h = num_heads
        self.head_dim = d_out // num_heads
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.out_proj = nn.Linear(d_out, d_out)
        self.drop = nn.Dropout(dropout)

    def forward(self, x):
        n = x.shape[1]
        q = self.W_query(x).unflatten(-1, (self.h, self.head_dim))
        k = self.W_key(x).unflatten(-1, (self.h, self.head_dim))
        v = self.W_value(x).unflatten(-1, (self.h, self.head_dim))
        att = torch.einsum("bihd,bjhd->bhij", q, k) / self.head_dim ** 0.5
        future = torch.ones(n, n, dtype=torch.bool, device=x.device).triu(1)
        att = att.masked_fill(future, torch.finfo(att.dtype).min)
        att = self.drop(att.softmax(dim=-1))
        ctx = torch.einsum("bhij,bjhd->bihd", att, v)
        return ctx.flatten(2)
