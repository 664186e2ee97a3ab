# MISTAKE: The mask is made at the first call for its number of tokens and kept, so a later call with another number of tokens raises; right is a mask that fits every call.
import math
import torch
import torch.nn as nn


class CausalAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, qkv_bias=False):
        super().__init__()
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.attn_dropout = nn.Dropout(dropout)
        self.inv_sqrt_d = 1 / math.sqrt(d_out)
        self.mask = None

    def forward(self, x):
        n = x.shape[1]
        if self.mask is None:
            self.mask = torch.triu(torch.ones(n, n, dtype=torch.bool, device=x.device), diagonal=1)
        scores = torch.einsum("btd,bsd->bts", self.W_query(x), self.W_key(x))
        scores = (scores * self.inv_sqrt_d).masked_fill(self.mask, -torch.inf)
        weights = self.attn_dropout(torch.softmax(scores, dim=2))
        return torch.einsum("bts,bsd->btd", weights, self.W_value(x))
