# MISTAKE: d_out is unfolded as (head_dim, num_heads), so head h owns every num_heads-th row from h on; right is (num_heads, head_dim), contiguous rows h*head_dim:(h+1)*head_dim, concatenated in head order.
import torch
import torch.nn as nn


class MultiHeadAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, num_heads, qkv_bias=False):
        super().__init__()
        if d_out % num_heads != 0:
            raise ValueError("d_out must be divisible by num_heads")
        self.h = num_heads
        self.hd = d_out // num_heads
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.out_proj = nn.Linear(d_out, d_out)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        b, t, _ = x.shape
        q = self.W_query(x).reshape(b, t, self.hd, self.h)
        k = self.W_key(x).reshape(b, t, self.hd, self.h)
        v = self.W_value(x).reshape(b, t, self.hd, self.h)
        scores = torch.einsum("bidh,bjdh->bhij", q, k) / self.hd ** 0.5
        keep = torch.tril(torch.ones(t, t, dtype=torch.bool, device=x.device))
        scores = scores.masked_fill(~keep, float("-inf"))
        weights = self.dropout(torch.softmax(scores, dim=-1))
        out = torch.einsum("bhij,bjdh->bidh", weights, v)
        return self.out_proj(out.reshape(b, t, self.hd * self.h))
