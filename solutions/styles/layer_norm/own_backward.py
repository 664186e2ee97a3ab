import torch
from torch import nn


class Normalise(torch.autograd.Function):
    """Forward and backward written by hand, following the lesson's formula."""

    @staticmethod
    def forward(ctx, x, scale, shift, eps):
        mean = x.mean(-1, keepdim=True)
        rstd = 1 / ((x - mean).square().mean(-1, keepdim=True) + eps).sqrt()
        hat = (x - mean) * rstd
        ctx.save_for_backward(hat, rstd, scale)
        return hat * scale + shift

    @staticmethod
    def backward(ctx, upstream):
        hat, rstd, scale = ctx.saved_tensors
        g = upstream * scale
        dx = rstd * (g - g.mean(-1, keepdim=True) - hat * (g * hat).mean(-1, keepdim=True))
        rows = (upstream * hat).reshape(-1, hat.shape[-1])
        return dx, rows.sum(0), upstream.reshape(-1, hat.shape[-1]).sum(0), None


class LayerNorm(nn.Module):
    def __init__(self, emb_dim, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.scale = nn.Parameter(torch.ones(emb_dim))
        self.shift = nn.Parameter(torch.zeros(emb_dim))

    def forward(self, x):
        return Normalise.apply(x, self.scale, self.shift, self.eps)
