import torch
import torch.nn as nn


class CausalAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, qkv_bias=False):
        super().__init__()
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        q, k, v = map(lambda f: f(x), (self.W_query, self.W_key, self.W_value))
        s = torch.einsum("bid,bjd->bij", q, k) / q.size(2) ** 0.5
        s = torch.clamp(s, min=-10.0, max=10.0)
        e = torch.tril(torch.exp(s))
        a = e / e.sum(dim=2, keepdim=True)
        return torch.einsum("bij,bjd->bid", self.dropout(a), v)
