import math

import torch
from torch import einsum, nn


def softmax_naive(x):
    e = torch.exp(x - x.max())
    return e / e.max()


def attend(q, k, v):
    q = q * (1.0 / math.sqrt(q.shape[-1]))
    w = torch.log_softmax(einsum("id,jd->ij", q, k), -1).exp()
    return einsum("ij,jd->id", w, v)


class SelfAttention_v1(nn.Module):
    def __init__(self, d_in, d_out):
        super().__init__()
        init = lambda: nn.Parameter(nn.init.xavier_uniform_(torch.empty(d_in, d_out)))
        self.W_query, self.W_key, self.W_value = init(), init(), init()

    def forward(self, x):
        return attend(*(einsum("ti,io->to", x, w) for w in (self.W_query, self.W_key, self.W_value)))


class SelfAttention_v2(nn.Module):
    def __init__(self, d_in, d_out, qkv_bias=False):
        super().__init__()
        self.W_query, self.W_key, self.W_value = (nn.Linear(d_in, d_out, qkv_bias) for _ in range(3))

    def forward(self, x):
        return attend(self.W_query(x), self.W_key(x), self.W_value(x))
