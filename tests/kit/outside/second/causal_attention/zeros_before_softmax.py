# MISTAKE: Future scores are multiplied by a tril mask, that is set to 0, before the softmax, so they still get weight exp(0); right is to set them to -inf.
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
        self.register_buffer("mask", torch.tril(torch.ones(context_length, context_length)))

    def forward(self, x):
        T = x.shape[1]
        q, k, v = self.W_query(x), self.W_key(x), self.W_value(x)
        scores = torch.einsum("btd,bsd->bts", q, k) / self.d_out ** 0.5
        scores = scores * self.mask[:T, :T]
        weights = self.dropout(torch.softmax(scores, dim=-1))
        return torch.einsum("bts,bsd->btd", weights, v)
