import torch
import torch.nn as nn


def rows(linear, start, stop, x):
    out = x @ linear.weight[start:stop].t()
    if linear.bias is not None:
        out = out + linear.bias[start:stop]
    return out


class MultiHeadAttention(nn.Module):

    def __init__(self, d_in, d_out, context_length, dropout, num_heads, qkv_bias=False):
        super().__init__()
        assert d_out % num_heads == 0
        self.num_heads = num_heads
        self.head_dim = d_out // num_heads
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.out_proj = nn.Linear(d_out, d_out)
        self.dropout = nn.Dropout(dropout)
        self.register_buffer("tril", torch.tril(torch.ones(context_length, context_length)), persistent=False)

    def forward(self, x):
        tokens = x.shape[1]
        allowed = self.tril[:tokens, :tokens]
        heads = []
        for h in range(self.num_heads):
            start, stop = h * self.head_dim, (h + 1) * self.head_dim
            q = rows(self.W_query, start, stop, x)
            k = rows(self.W_key, start, stop, x)
            v = rows(self.W_value, start, stop, x)
            scores = torch.bmm(q, k.transpose(1, 2)) * self.head_dim ** -0.5
            e = torch.exp(scores) * allowed
            w = e / e.sum(dim=-1, keepdim=True)
            heads.append(torch.bmm(self.dropout(w), v))
        return self.out_proj(torch.cat(heads, dim=-1))
