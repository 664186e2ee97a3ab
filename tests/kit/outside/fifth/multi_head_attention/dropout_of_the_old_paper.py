import torch
import torch.nn as nn


class Drop(nn.Module):
    def __init__(self, p):
        super().__init__()
        self.p = p

    def forward(self, w):
        if self.training:
            keep = torch.rand_like(w) >= self.p
            return w * keep
        return w * (1 - self.p)


class MultiHeadAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, num_heads, qkv_bias=False):
        super().__init__()
        if d_out % num_heads != 0:
            raise ValueError("d_out must be divisible by num_heads")
        self.num_heads = num_heads
        self.head_dim = d_out // num_heads
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.out_proj = nn.Linear(d_out, d_out)
        self.drop = Drop(dropout)

    def one_head(self, q, k, v):
        s = q.matmul(k.transpose(1, 2)) / self.head_dim ** 0.5
        n = s.size(-1)
        s = s + torch.full((n, n), -1e4, dtype=s.dtype, device=s.device).triu(1)
        return self.drop(s.softmax(-1)).matmul(v)

    def forward(self, x):
        split = lambda t: t.split(self.head_dim, dim=-1)
        triples = zip(split(self.W_query(x)), split(self.W_key(x)), split(self.W_value(x)))
        return self.out_proj(torch.cat([self.one_head(*qkv) for qkv in triples], dim=-1))
