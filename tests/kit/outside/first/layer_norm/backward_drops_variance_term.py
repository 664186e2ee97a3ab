# MISTAKE: The hand-written backward leaves out the term that comes through the variance; right is rstd * (g - mean(g) - xhat * mean(g * xhat)).
import torch
import torch.nn as nn


class _LayerNormFn(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, scale, shift, eps):
        mean = x.mean(-1, keepdim=True)
        var = ((x - mean) ** 2).mean(-1, keepdim=True)
        rstd = 1.0 / torch.sqrt(var + eps)
        xhat = (x - mean) * rstd
        ctx.save_for_backward(xhat, rstd, scale)
        return xhat * scale + shift

    @staticmethod
    def backward(ctx, grad):
        xhat, rstd, scale = ctx.saved_tensors
        lead = tuple(range(grad.dim() - 1))
        dscale = (grad * xhat).sum(lead) if lead else grad * xhat
        dshift = grad.sum(lead) if lead else grad
        g = grad * scale
        dx = rstd * (g - g.mean(-1, keepdim=True))
        return dx, dscale, dshift, None


class LayerNorm(nn.Module):
    def __init__(self, emb_dim, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.scale = nn.Parameter(torch.ones(emb_dim))
        self.shift = nn.Parameter(torch.zeros(emb_dim))

    def forward(self, x):
        return _LayerNormFn.apply(x, self.scale, self.shift, self.eps)
