# MISTAKE: The (b, num_heads, num_tokens, head_dim) context is reshaped to (b, num_tokens, d_out) without transposing heads and tokens back first; right is .transpose(1, 2) before the reshape.
import torch
import torch.nn as nn


class MultiHeadAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, num_heads, qkv_bias=False):
        super().__init__()
        assert d_out % num_heads == 0, "d_out must be divisible by num_heads"
        self.d_out = d_out
        self.num_heads = num_heads
        self.head_dim = d_out // num_heads
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.out_proj = nn.Linear(d_out, d_out)
        self.dropout = nn.Dropout(dropout)
        self.register_buffer("mask", torch.triu(torch.ones(context_length, context_length), diagonal=1))

    def _split(self, t):
        return t.unflatten(-1, (self.num_heads, self.head_dim)).permute(0, 2, 1, 3)

    def forward(self, x):
        b, num_tokens, _ = x.shape
        q, k, v = (self._split(w(x)) for w in (self.W_query, self.W_key, self.W_value))
        scores = q @ k.transpose(-1, -2) / self.head_dim ** 0.5
        scores = scores.masked_fill(self.mask[:num_tokens, :num_tokens] == 1, float("-inf"))
        weights = self.dropout(scores.softmax(dim=-1))
        context = (weights @ v).reshape(b, num_tokens, self.d_out)
        return self.out_proj(context)
