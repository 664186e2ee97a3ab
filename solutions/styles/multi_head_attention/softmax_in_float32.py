import torch
from torch import nn


class MultiHeadAttention(nn.Module):
    """Only the softmax is computed in float32."""

    def __init__(self, d_in, d_out, context_length, dropout, num_heads, qkv_bias=False):
        super().__init__()
        if d_out % num_heads != 0:
            raise ValueError("d_out must be divisible by num_heads")
        self.num_heads, self.head_dim = num_heads, d_out // num_heads
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.out_proj = nn.Linear(d_out, d_out)
        self.dropout = nn.Dropout(dropout)
        self.register_buffer("mask", torch.ones(context_length, context_length).tril())

    def forward(self, x):
        b, t, _ = x.shape
        q, k, v = (
            layer(x).reshape(b, t, self.num_heads, self.head_dim).permute(0, 2, 1, 3)
            for layer in (self.W_query, self.W_key, self.W_value)
        )
        scores = torch.matmul(q, k.transpose(-2, -1)) * self.head_dim**-0.5
        scores = scores.masked_fill(self.mask[:t, :t] == 0, torch.finfo(torch.float32).min)
        weights = torch.softmax(scores.float(), dim=-1).type_as(v)
        return self.out_proj((self.dropout(weights) @ v).permute(0, 2, 1, 3).reshape(b, t, -1))
