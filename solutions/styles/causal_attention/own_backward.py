import torch
from torch import nn


class Mix(torch.autograd.Function):
    @staticmethod
    def forward(ctx, q, k, v, kept):
        n, d = q.shape[1:]
        s = q @ k.mT / d**0.5
        s = s.masked_fill(torch.ones(n, n, dtype=torch.bool, device=q.device).triu(1), -1e9)
        p = s.softmax(-1)
        ctx.save_for_backward(q, k, v, p, kept)
        return (p * kept) @ v

    @staticmethod
    def backward(ctx, g):
        q, k, v, p, kept = ctx.saved_tensors
        dv = (p * kept).mT @ g
        dp = (g @ v.mT) * kept
        ds = p * (dp - (dp * p).sum(-1, keepdim=True)) / q.shape[-1] ** 0.5
        return ds @ k, ds.mT @ q, dv, None


class CausalAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, qkv_bias=False):
        super().__init__()
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        b, n, _ = x.shape
        kept = self.dropout(torch.ones(b, n, n, dtype=x.dtype, device=x.device))
        return Mix.apply(self.W_query(x), self.W_key(x), self.W_value(x), kept)
