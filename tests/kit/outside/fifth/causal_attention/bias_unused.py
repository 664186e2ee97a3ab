import torch
import torch.nn as nn


class CausalAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, qkv_bias=False):
        super().__init__()
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.dropout = nn.Dropout(dropout)
        self.register_buffer("neg", torch.full((context_length, context_length), -1e4).triu(1))

    def forward(self, x):
        T = x.size(1)
        weight = torch.cat([self.W_query.weight, self.W_key.weight, self.W_value.weight])
        q, k, v = nn.functional.linear(x, weight).chunk(3, dim=-1)
        scores = torch.baddbmm(self.neg[:T, :T].expand(x.size(0), T, T), q, k.mT, alpha=q.size(-1) ** -0.5)
        return self.dropout(scores.softmax(-1)).bmm(v)
