# MISTAKE: The mask keeps torch.tril(ones, diagonal=1), so position i also sees position i + 1; right is tril with diagonal=0 (positions <= i).
import torch
import torch.nn as nn


class MultiHeadAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, num_heads, qkv_bias=False):
        super().__init__()
        if d_out % num_heads:
            raise ValueError(f"d_out={d_out} cannot be split into {num_heads} heads")
        self.num_heads = num_heads
        self.head_dim = d_out // num_heads
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.out_proj = nn.Linear(d_out, d_out)
        self.dropout = nn.Dropout(dropout)
        allowed = torch.tril(torch.ones(context_length, context_length), diagonal=1).bool()
        self.register_buffer("allowed", allowed, persistent=False)

    def forward(self, x):
        T = x.shape[1]
        qs = self.W_query(x).split(self.head_dim, dim=-1)
        ks = self.W_key(x).split(self.head_dim, dim=-1)
        vs = self.W_value(x).split(self.head_dim, dim=-1)
        outs = []
        for q, k, v in zip(qs, ks, vs):
            s = q @ k.transpose(1, 2) / self.head_dim ** 0.5
            s = torch.where(self.allowed[:T, :T], s, torch.full_like(s, -1e9))
            outs.append(self.dropout(torch.softmax(s, dim=-1)) @ v)
        return self.out_proj(torch.cat(outs, dim=-1))
