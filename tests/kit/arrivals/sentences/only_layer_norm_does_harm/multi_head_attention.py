import torch
from torch import nn


class MultiHeadAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, num_heads, qkv_bias=False):
        super().__init__()
        self.num_heads = num_heads
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.out_proj = nn.Linear(d_out, d_out)
        self.dropout = nn.Dropout(dropout)
        self.register_buffer("mask", torch.ones(context_length, context_length, dtype=torch.bool).triu(1))

    def forward(self, x):
        batch, tokens, _ = x.shape
        query, key, value = (
            part(x).view(batch, tokens, self.num_heads, -1).transpose(1, 2)
            for part in (self.W_query, self.W_key, self.W_value)
        )
        scores = query @ key.mT / query.shape[-1] ** 0.5
        weights = scores.masked_fill(self.mask[:tokens, :tokens], -torch.inf).softmax(dim=-1)
        return self.out_proj((self.dropout(weights) @ value).transpose(1, 2).reshape(batch, tokens, -1))
