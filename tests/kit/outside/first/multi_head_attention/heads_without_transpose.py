# MISTAKE: The projections are viewed straight as (b, num_heads, tokens, head_dim), which mixes tokens and heads; right is to view as (b, tokens, num_heads, head_dim) and then transpose.
import torch
import torch.nn as nn
import torch.nn.functional as F


class MultiHeadAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, num_heads, qkv_bias=False):
        super().__init__()
        assert d_out % num_heads == 0, "d_out must be divisible by num_heads"
        self.nh = num_heads
        self.hd = d_out // num_heads
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.out_proj = nn.Linear(d_out, d_out)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        B, T, _ = x.size()
        q = self.W_query(x).view(B, self.nh, T, self.hd)
        k = self.W_key(x).view(B, self.nh, T, self.hd)
        v = self.W_value(x).view(B, self.nh, T, self.hd)
        mask = torch.triu(torch.full((T, T), float("-inf"), device=x.device, dtype=x.dtype), diagonal=1)
        w = F.softmax(q @ k.transpose(-2, -1) / self.hd ** 0.5 + mask, dim=-1)
        y = self.dropout(w) @ v
        y = y.transpose(1, 2).contiguous().view(B, T, self.nh * self.hd)
        return self.out_proj(y)
