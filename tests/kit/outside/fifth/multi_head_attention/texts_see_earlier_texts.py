import torch
import torch.nn as nn


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

    def forward(self, x):
        shape = x.shape
        x = x.reshape(-1, shape[-1])
        rows = x.shape[0]
        queries = self.W_query(x)
        keys = self.W_key(x)
        values = self.W_value(x)
        mask = torch.triu(torch.ones(rows, rows, device=x.device), diagonal=1).bool()
        results = []
        for i in range(self.num_heads):
            cols = slice(i * self.head_dim, (i + 1) * self.head_dim)
            attn_scores = queries[:, cols] @ keys[:, cols].T
            attn_scores = attn_scores.masked_fill(mask, -torch.inf)
            attn_weights = torch.softmax(attn_scores / self.head_dim ** 0.5, dim=-1)
            results.append(self.dropout(attn_weights) @ values[:, cols])
        out = self.out_proj(torch.cat(results, dim=-1))
        return out.view(shape[0], shape[1], -1)
