import torch
import torch.nn as nn


class CausalAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, qkv_bias=False):
        super().__init__()
        self.d_in, self.d_out = d_in, d_out
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.dropout = nn.Dropout(dropout)
        self.register_buffer("mask", torch.ones(context_length, context_length).tril() == 0)

    def project(self, layer, x):
        batch, tokens, _ = x.shape
        flat = x.view(batch * tokens, self.d_in)
        return layer(flat).view(batch, tokens, self.d_out)

    def forward(self, x):
        t = x.shape[1]
        queries = self.project(self.W_query, x)
        keys = self.project(self.W_key, x)
        values = self.project(self.W_value, x)
        scores = torch.matmul(queries, keys.permute(0, 2, 1)) * self.d_out ** -0.5
        scores = torch.masked_fill(scores, self.mask[:t, :t], -1e9)
        return torch.matmul(self.dropout(torch.softmax(scores, -1)), values)
