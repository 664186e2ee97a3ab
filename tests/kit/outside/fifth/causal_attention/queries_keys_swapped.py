import torch
import torch.nn as nn


class CausalAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, qkv_bias=False):
        super().__init__()
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.dropout = nn.Dropout(dropout)
        self.scale = d_out ** -0.5

    def one(self, sequence):
        queries, keys, values = self.W_query(sequence), self.W_key(sequence), self.W_value(sequence)
        scores = keys @ queries.T * self.scale
        allowed = torch.ones_like(scores, dtype=torch.bool).tril()
        weights = scores.masked_fill(~allowed, float("-inf")).softmax(dim=-1)
        return self.dropout(weights) @ values

    def forward(self, x):
        return torch.stack([self.one(sequence) for sequence in x])
