import torch
from torch import nn


class MultiHeadAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, num_heads, qkv_bias=False):
        super().__init__()
        if d_out % num_heads != 0:
            raise ValueError("d_out must be divisible by num_heads")
        self.h = num_heads
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.out_proj = nn.Linear(d_out, d_out)
        self.drop = nn.Dropout(dropout)

    def forward(self, x):
        B, T, _ = x.shape
        q, k, v = [f(x).reshape(B, T, self.h, -1) for f in (self.W_query, self.W_key, self.W_value)]
        energy = torch.einsum("bqhd,bkhd->bhqk", q, k)
        allowed = torch.ones(T, T, dtype=torch.bool, device=x.device).tril()
        energy = energy.masked_fill(~allowed, float("-inf"))
        att = self.drop(energy.softmax(-1))
        out = torch.einsum("bhqk,bkhd->bqhd", att, v)
        return self.out_proj(out.reshape(B, T, -1))
