import torch
from torch import nn


class Attend(torch.autograd.Function):
    @staticmethod
    def forward(ctx, q, k, v, kept):
        t, d = q.shape[-2:]
        s = (q @ k.mT * d**-0.5).masked_fill(~torch.ones(t, t, dtype=torch.bool, device=q.device).tril(), float("-inf"))
        p = torch.softmax(s, -1)
        ctx.save_for_backward(q, k, v, p, kept)
        return (p * kept) @ v

    @staticmethod
    def backward(ctx, g):
        q, k, v, p, kept = ctx.saved_tensors
        dp = (g @ v.mT) * kept
        ds = p * (dp - (dp * p).sum(-1, keepdim=True)) * q.shape[-1] ** -0.5
        return ds @ k, ds.mT @ q, (p * kept).mT @ g, None


class MultiHeadAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, num_heads, qkv_bias=False):
        super().__init__()
        assert not d_out % num_heads
        self.num_heads = num_heads
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.out_proj = nn.Linear(d_out, d_out)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        b, t, _ = x.shape
        q, k, v = (
            w(x).reshape(b, t, self.num_heads, -1).permute(0, 2, 1, 3) for w in (self.W_query, self.W_key, self.W_value)
        )
        kept = self.dropout(x.new_ones(b, self.num_heads, t, t))
        return self.out_proj(Attend.apply(q, k, v, kept).permute(0, 2, 1, 3).reshape(b, t, -1))
