import torch
from torch import nn


class CausalAttention(nn.Module):
    """Computes the weights in float32, and keeps the mask as a frozen parameter."""

    def __init__(self, d_in, d_out, context_length, dropout, qkv_bias=False):
        super().__init__()
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.dropout = nn.Dropout(dropout)
        self.mask = nn.Parameter(torch.full((context_length, context_length), -1e9).triu(1), requires_grad=False)

    def forward(self, x):
        tokens = x.shape[1]
        queries, keys, values = self.W_query(x), self.W_key(x), self.W_value(x)
        scores = queries @ keys.mT / keys.shape[-1] ** 0.5 + self.mask[:tokens, :tokens]
        weights = torch.softmax(scores, dim=-1, dtype=torch.float32).to(x.dtype)
        return self.dropout(weights) @ values
