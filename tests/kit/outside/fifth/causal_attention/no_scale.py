import torch
import torch.nn as nn


class CausalAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, qkv_bias=False):
        super().__init__()
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.drop = nn.Dropout(dropout)

    def forward(self, x):
        q = self.W_query(x)
        k = self.W_key(x)
        v = self.W_value(x)
        energy = torch.einsum("nqd,nkd->nqk", [q, k])
        t = x.shape[1]
        mask = torch.tril(torch.ones(t, t, device=x.device))
        energy = energy.masked_fill(mask == 0, -1e9)
        attention = self.drop(torch.softmax(energy, dim=2))
        return torch.einsum("nqk,nkd->nqd", [attention, v])
