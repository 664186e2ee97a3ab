import torch
from torch import nn


class MultiHeadAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, num_heads, qkv_bias=False):
        super().__init__()
        assert d_out % num_heads == 0
        self.heads = num_heads
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.out_proj = nn.Linear(d_out, d_out)
        self.drop = nn.Dropout(dropout)

    def forward(self, x):
        b, t, _ = x.shape
        fold = lambda z: z.reshape(b, t, self.heads, -1).transpose(1, 2).reshape(b * self.heads, t, -1)
        q, k, v = fold(self.W_query(x)), fold(self.W_key(x)), fold(self.W_value(x))
        scores = torch.bmm(q, k.transpose(1, 2)) / q.shape[-1] ** 0.5
        scores = torch.tril(scores)
        y = torch.bmm(self.drop(torch.softmax(scores, -1)), v)
        y = y.reshape(b, self.heads, t, -1).transpose(1, 2).reshape(b, t, -1)
        return self.out_proj(y)
