# MISTAKE: Future scores are filled with 1e-9 (the minus sign belongs before, not in the exponent), so they are not hidden; right is -1e9 or -inf.
import torch
import torch.nn as nn


def causal_mask(n, device):
    return torch.triu(torch.ones(n, n, device=device), diagonal=1).bool()


class CausalAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, qkv_bias=False):
        super().__init__()
        self.context_length = context_length
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.dropout = nn.Dropout(p=dropout)

    def forward(self, x):
        n = x.shape[1]
        assert n <= self.context_length
        q, k, v = self.W_query(x), self.W_key(x), self.W_value(x)
        scores = q.matmul(k.permute(0, 2, 1)).div(q.shape[-1] ** 0.5)
        scores = scores.masked_fill(causal_mask(n, x.device), 1e-9)
        w = scores.softmax(-1)
        return self.dropout(w).matmul(v)
