import math

import torch
from torch import einsum, nn


class CausalAttention(nn.Module):
    def __init__(self, *, context_length, dropout=0.1, d_out, d_in, qkv_bias=False, device=None):
        super().__init__()
        self.scale = 1 / math.sqrt(d_out)
        self.p = dropout
        for name in ("W_value", "W_key", "W_query"):
            setattr(self, name, nn.Linear(d_in, d_out, bias=qkv_bias, device=device))

    def forward(self, x):
        q, k, v = self.W_query(x), self.W_key(x), self.W_value(x)
        s = einsum("bid,bjd->bij", q * self.scale, k)
        position = torch.arange(x.shape[1], device=x.device)
        s = s + torch.zeros_like(s).masked_fill(position[:, None] < position[None, :], torch.finfo(s.dtype).min)
        w = torch.nn.functional.dropout(s.softmax(2), self.p, self.training)
        return einsum("bij,bjd->bid", w, v)
