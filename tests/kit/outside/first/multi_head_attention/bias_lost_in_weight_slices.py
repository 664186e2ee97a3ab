# MISTAKE: The heads use slices of the projection weights through F.linear without the bias slices, so the query, key and value biases are ignored; right is to add them where qkv_bias is true.
import torch
import torch.nn as nn
import torch.nn.functional as F


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
        self.dropout = nn.Dropout(dropout)
        hide = torch.triu(torch.ones(context_length, context_length), diagonal=1).bool()
        self.register_buffer("hide", hide, persistent=False)

    def one_head(self, x, h):
        rows = slice(h * self.head_dim, (h + 1) * self.head_dim)
        q = F.linear(x, self.W_query.weight[rows])
        k = F.linear(x, self.W_key.weight[rows])
        v = F.linear(x, self.W_value.weight[rows])
        n = x.shape[-2]
        scores = q @ k.transpose(-1, -2) / self.head_dim ** 0.5
        scores = scores.masked_fill(self.hide[:n, :n], float("-inf"))
        return self.dropout(scores.softmax(-1)) @ v

    def forward(self, x):
        heads = [self.one_head(x, h) for h in range(self.num_heads)]
        return self.out_proj(torch.cat(heads, dim=-1))
