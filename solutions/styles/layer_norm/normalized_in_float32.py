import torch
from torch import nn


class LayerNorm(nn.Module):
    """Normalizes in float32, without autocast, and scales in the input's dtype."""

    def __init__(self, emb_dim, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.scale = nn.Parameter(torch.ones(emb_dim))
        self.shift = nn.Parameter(torch.zeros(emb_dim))

    def forward(self, x):
        dtype = x.dtype
        with torch.autocast("cpu", enabled=False):
            h = x.to(torch.float32)
            h = h - h.mean(-1, keepdim=True)
            h = h * torch.rsqrt(h.pow(2).mean(-1, keepdim=True) + self.eps)
        return self.scale * h.to(dtype) + self.shift
