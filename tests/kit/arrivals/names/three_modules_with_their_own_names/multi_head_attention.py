import torch
from torch import nn


class MultiHeadAttention(nn.Module):
    def __init__(self, d_in, d_out, context_len, dropout, n_heads, qkv_bias=False):
        super().__init__()
        if d_out % n_heads:
            raise ValueError("the heads don't divide d_out")
        self.heads = n_heads
        self.q_proj = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.k_proj = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.v_proj = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.proj = nn.Linear(d_out, d_out)
        self.drop = nn.Dropout(dropout)
        self.register_buffer("mask", torch.ones(context_len, context_len, dtype=torch.bool).triu(1))

    def forward(self, x):
        tokens = x.shape[1]
        queries, keys, values = (
            layer(x).unflatten(-1, (self.heads, -1)).transpose(1, 2) for layer in (self.q_proj, self.k_proj, self.v_proj)
        )
        scores = queries @ keys.transpose(-1, -2) / keys.shape[-1] ** 0.5
        scores = scores.masked_fill(self.mask[:tokens, :tokens], -torch.inf)
        mixed = self.drop(scores.softmax(dim=-1)) @ values
        return self.proj(mixed.transpose(1, 2).flatten(2))
