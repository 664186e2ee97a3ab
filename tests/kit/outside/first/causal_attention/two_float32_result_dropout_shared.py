# MISTAKE: The context vectors are collected in torch.zeros, which is float32, so float64 input gives a float32 result; right is to keep the dtype of x.
# MISTAKE: One dropout mask is drawn for the first sequence and used for the whole batch; right is that each element is dropped independently.
import math
import torch
import torch.nn as nn
import torch.nn.functional as F


class CausalAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, qkv_bias=False):
        super().__init__()
        self.d_out = d_out
        self.p = dropout
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)

    def forward(self, x):
        b, n, _ = x.shape
        keep = F.dropout(torch.ones(n, n, dtype=x.dtype, device=x.device), self.p, self.training)
        future = torch.triu(torch.ones(n, n, dtype=torch.bool, device=x.device), 1)
        context = torch.zeros(b, n, self.d_out, device=x.device)
        for s in range(b):
            q, k, v = self.W_query(x[s]), self.W_key(x[s]), self.W_value(x[s])
            score = (q @ k.T / math.sqrt(self.d_out)).masked_fill(future, -math.inf)
            context[s] = (F.softmax(score, dim=-1) * keep) @ v
        return context
