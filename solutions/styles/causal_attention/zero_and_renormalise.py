import numpy as np
import torch
from torch import nn


class Projection(nn.Module):
    def __init__(self, n, m, bias):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(m, n))
        nn.init.xavier_uniform_(self.weight)
        if bias:
            self.bias = nn.Parameter(torch.zeros(m))

    def forward(self, x):
        y = x.matmul(self.weight.t())
        return y + self.bias if hasattr(self, "bias") else y


class CausalAttention(nn.Module):
    """Masks by multiplying by ones and zeros, and draws its dropout with numpy."""

    def __init__(self, d_in, d_out, context_length, dropout, qkv_bias=False):
        super().__init__()
        self.W_query, self.W_key, self.W_value = (Projection(d_in, d_out, qkv_bias) for _ in range(3))
        self.register_buffer("tril", torch.tril(torch.ones(context_length, context_length)), persistent=False)
        self.keep = 1 - dropout

    def forward(self, x):
        n = x.size(1)
        q, k, v = self.W_query(x), self.W_key(x), self.W_value(x)
        w = torch.exp(torch.bmm(q, k.permute(0, 2, 1)) * q.size(-1) ** -0.5) * self.tril[:n, :n]
        w = w / w.sum(-1, keepdim=True)
        if self.training and self.keep < 1:
            kept = torch.from_numpy(np.random.rand(*w.shape) < self.keep)
            w = torch.where(kept, w / self.keep, torch.zeros((), dtype=w.dtype))
        return torch.bmm(w, v)
