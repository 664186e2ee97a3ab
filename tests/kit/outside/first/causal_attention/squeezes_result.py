# MISTAKE: The result is squeezed, so a batch of one or a single token loses its dimension; right is to return (batch, tokens, d_out) always.
import torch
import torch.nn as nn


class CausalAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, qkv_bias=False):
        super().__init__()
        self.d_out = d_out
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.dropout = nn.Dropout(dropout)
        self.register_buffer("mask_simple", torch.tril(torch.ones(context_length, context_length)))

    def forward(self, x):
        n = x.shape[1]
        queries, keys, values = self.W_query(x), self.W_key(x), self.W_value(x)
        attn_scores = torch.bmm(queries, keys.transpose(-2, -1)) / self.d_out ** 0.5
        attn_weights = torch.softmax(attn_scores, dim=-1)
        masked = attn_weights * self.mask_simple[:n, :n]
        masked = masked / masked.sum(dim=-1, keepdim=True)
        masked = self.dropout(masked)
        context = torch.bmm(masked, values)
        return context.squeeze()
