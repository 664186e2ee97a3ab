import torch
from torch import nn


class CausalAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, qkv_bias=False):
        super().__init__()
        self.lin1 = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.lin2 = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.lin3 = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.drop = nn.Dropout(dropout)
        self.register_buffer("mask", torch.ones(context_length, context_length, dtype=torch.bool).triu(1))

    def forward(self, x):
        tokens = x.shape[1]
        queries, keys, values = self.lin1(x), self.lin2(x), self.lin3(x)
        scores = queries @ keys.transpose(1, 2) / keys.shape[-1] ** 0.5
        scores = scores.masked_fill(self.mask[:tokens, :tokens], -torch.inf)
        return self.drop(scores.softmax(dim=-1)) @ values
