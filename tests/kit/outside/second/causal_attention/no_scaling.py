# MISTAKE: The scores are not scaled at all before the softmax; right is to multiply them by 1/sqrt(d_out).
import torch
import torch.nn as nn


class CausalAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, qkv_bias=False):
        super().__init__()
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        n = x.size(1)
        query, key, value = self.W_query(x), self.W_key(x), self.W_value(x)
        scores = torch.bmm(query, key.mT)
        future = torch.ones(n, n, dtype=torch.bool, device=x.device).triu(1)
        scores = scores.masked_fill(future, torch.finfo(scores.dtype).min)
        attn = self.dropout(scores.softmax(-1))
        return torch.bmm(attn, value)
