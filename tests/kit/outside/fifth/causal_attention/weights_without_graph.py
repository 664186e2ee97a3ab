import math
import torch
import torch.nn as nn


class CausalAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, qkv_bias=False):
        super().__init__()
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.dropout = nn.Dropout(dropout)
        self.scale = 1 / math.sqrt(d_out)

    @torch.no_grad()
    def attention_map(self, x):
        """The (batch, tokens, tokens) map, also good for plotting."""
        similarity = torch.bmm(self.W_query(x), self.W_key(x).transpose(1, 2)) * self.scale
        below = torch.ones_like(similarity).tril().bool()
        return torch.where(below, similarity, -torch.inf).softmax(dim=-1)

    def forward(self, x):
        weights = self.dropout(self.attention_map(x))
        return torch.bmm(weights, self.W_value(x))
