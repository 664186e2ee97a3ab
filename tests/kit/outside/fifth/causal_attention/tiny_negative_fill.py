import torch
import torch.nn as nn


class SelfAttentionHead(nn.Module):
    def __init__(self, d_in, d_out, dropout, bias):
        super().__init__()
        self.W_query = nn.Linear(d_in, d_out, bias=bias)
        self.W_key = nn.Linear(d_in, d_out, bias=bias)
        self.W_value = nn.Linear(d_in, d_out, bias=bias)
        self.attn_drop = nn.Dropout(dropout)

    def _mask(self, wei):
        return wei

    def forward(self, x):
        q, k, v = self.W_query(x), self.W_key(x), self.W_value(x)
        wei = q.matmul(k.transpose(-1, -2)).div(k.size(-1) ** 0.5)
        wei = self.attn_drop(self._mask(wei).softmax(-1))
        return wei.matmul(v)


class CausalAttention(SelfAttentionHead):
    def __init__(self, d_in, d_out, context_length, dropout, qkv_bias=False):
        super().__init__(d_in, d_out, dropout, qkv_bias)
        self.context_length = context_length

    def _mask(self, wei):
        T = wei.size(-1)
        keep = torch.tril(torch.ones(T, T, device=wei.device))
        return wei.masked_fill(keep == 0, -1e-9)
