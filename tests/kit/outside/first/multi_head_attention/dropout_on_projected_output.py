# MISTAKE: Dropout is applied to the output of out_proj and not to the attention weights; right is dropout on the attention weights.
import torch
import torch.nn as nn


class MultiHeadAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, num_heads, qkv_bias=False):
        super().__init__()
        if d_out % num_heads != 0:
            raise ValueError("d_out % num_heads must be 0")
        self.num_heads = num_heads
        self.head_dim = d_out // num_heads
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.out_proj = nn.Linear(d_out, d_out)
        self.resid_drop = nn.Dropout(dropout)

    def _heads(self, t):
        b, n, d = t.shape
        t = t.reshape(b, n, self.num_heads, self.head_dim)
        return t.permute(0, 2, 1, 3).reshape(b * self.num_heads, n, self.head_dim)

    def forward(self, x):
        b, n, _ = x.shape
        q, k, v = self._heads(self.W_query(x)), self._heads(self.W_key(x)), self._heads(self.W_value(x))
        scores = torch.bmm(q, k.transpose(1, 2)) * self.head_dim ** -0.5
        scores = scores.masked_fill(torch.ones_like(scores).triu(1).bool(), float("-inf"))
        out = torch.bmm(torch.softmax(scores, -1), v)
        out = out.reshape(b, self.num_heads, n, self.head_dim).permute(0, 2, 1, 3)
        return self.resid_drop(self.out_proj(out.reshape(b, n, -1)))
