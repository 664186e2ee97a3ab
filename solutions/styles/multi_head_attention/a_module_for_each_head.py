import torch
from torch import nn


class Head(nn.Module):
    """A head without parameters: it gets its queries, keys and values from outside."""

    def __init__(self, width, rate):
        super().__init__()
        self.width, self.drop = width, nn.Dropout(rate)

    def forward(self, q, k, v):
        table = torch.exp(q @ k.transpose(-1, -2) / self.width**0.5).tril()
        return self.drop(table / table.sum(dim=-1, keepdim=True)) @ v


class MultiHeadAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, num_heads, qkv_bias=False):
        super().__init__()
        width, rest = divmod(d_out, num_heads)
        if rest != 0:
            raise ValueError("d_out % num_heads != 0")
        self.heads = nn.ModuleList([Head(width, dropout) for _ in range(num_heads)])
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.out_proj = nn.Linear(d_out, d_out)

    def forward(self, x):
        parts = (layer(x).chunk(len(self.heads), dim=-1) for layer in (self.W_query, self.W_key, self.W_value))
        return self.out_proj(torch.cat([head(*qkv) for head, *qkv in zip(self.heads, *parts, strict=True)], dim=-1))
