import torch
from torch import nn


class MultiHeadAttention(nn.Module):
    def __init__(self, num_heads, d_out, d_in, dropout=0.1, context_length=1024, qkv_bias=False, **unused):
        super().__init__()
        if d_out % num_heads:
            raise ValueError("uneven")
        self.h = num_heads
        self.out_proj = nn.Linear(d_out, d_out)
        for name in ("W_query", "W_key", "W_value"):
            self.add_module(name, nn.Linear(d_in, d_out, bias=qkv_bias))
        self.p = dropout

    def forward(self, x):
        q, k, v = (w(x).unflatten(-1, (self.h, -1)) for w in (self.W_query, self.W_key, self.W_value))
        s = torch.einsum("bihd,bjhd->bhij", q, k) / q.shape[-1] ** 0.5
        later = torch.ones_like(s[0, 0]).triu(1)
        w = nn.functional.dropout((s - 1e9 * later).softmax(-1), self.p, training=self.training)
        return self.out_proj(torch.einsum("bhij,bjhd->bihd", w, v).flatten(2))
