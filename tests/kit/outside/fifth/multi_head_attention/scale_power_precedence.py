import torch
import torch.nn as nn


class MultiHeadAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, num_heads, qkv_bias=False):
        super().__init__()
        assert d_out % num_heads == 0, "num_heads must divide d_out"
        self.num_heads = num_heads
        self.head_dim = d_out // num_heads
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.out_proj = nn.Linear(d_out, d_out)
        self.dropout = nn.Dropout(dropout)
        self.register_buffer("causal", torch.ones(context_length, context_length).tril().bool())

    def forward(self, x):
        tokens = x.size(1)
        queries = self.W_query(x).unflatten(-1, (self.num_heads, self.head_dim)).transpose(1, 2)
        keys = self.W_key(x).unflatten(-1, (self.num_heads, self.head_dim)).transpose(1, 2)
        values = self.W_value(x).unflatten(-1, (self.num_heads, self.head_dim)).transpose(1, 2)
        scores = queries @ keys.mT / (self.head_dim ** 1 / 2)
        scores = torch.where(self.causal[:tokens, :tokens], scores, torch.finfo(scores.dtype).min)
        weights = self.dropout(scores.softmax(dim=-1))
        return self.out_proj((weights @ values).transpose(1, 2).flatten(start_dim=2))
