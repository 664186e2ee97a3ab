# MISTAKE: The lower-triangular mask (the positions to keep) is handed to masked_fill as the positions to hide, so a token sees only the future; right is to fill where the mask is zero.
import torch
import torch.nn as nn


class CausalAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, qkv_bias=False):
        super().__init__()
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.dropout = nn.Dropout(dropout)
        tril = torch.tril(torch.ones(context_length, context_length, dtype=torch.bool))
        self.register_buffer("tril", tril, persistent=False)

    def forward(self, x):
        B, T, C = x.shape
        q, k, v = self.W_query(x), self.W_key(x), self.W_value(x)
        wei = q @ k.transpose(-2, -1) * k.size(-1) ** -0.5
        wei = wei.masked_fill(self.tril[:T, :T], -1e9)
        wei = torch.softmax(wei, dim=-1)
        wei = self.dropout(wei)
        return wei @ v
