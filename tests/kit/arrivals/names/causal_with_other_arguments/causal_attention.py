import torch
from torch import nn


class CausalAttention(nn.Module):
    def __init__(self, in_dim, out_dim, block_size, p, bias=False):
        super().__init__()
        self.W_query = nn.Linear(in_dim, out_dim, bias=bias)
        self.W_key = nn.Linear(in_dim, out_dim, bias=bias)
        self.W_value = nn.Linear(in_dim, out_dim, bias=bias)
        self.drop = nn.Dropout(p)
        self.register_buffer("mask", torch.ones(block_size, block_size, dtype=torch.bool).triu(1))

    def forward(self, x):
        tokens = x.shape[1]
        queries, keys, values = self.W_query(x), self.W_key(x), self.W_value(x)
        scores = queries @ keys.transpose(1, 2) / keys.shape[-1] ** 0.5
        scores = scores.masked_fill(self.mask[:tokens, :tokens], -torch.inf)
        return self.drop(scores.softmax(dim=-1)) @ values
