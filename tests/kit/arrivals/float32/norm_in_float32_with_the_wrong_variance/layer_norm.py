import torch
from torch import nn


class LayerNorm(nn.Module):
    """Computes everything in float32, and returns what came in."""

    def __init__(self, emb_dim, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.scale = nn.Parameter(torch.ones(emb_dim))
        self.shift = nn.Parameter(torch.zeros(emb_dim))

    def forward(self, x):
        wide = x.to(torch.float32)
        variance, mean = torch.var_mean(wide, dim=-1, correction=1, keepdim=True)
        normalised = (wide - mean) * torch.rsqrt(variance + self.eps)
        return (normalised * self.scale.to(torch.float32) + self.shift.to(torch.float32)).to(x.dtype)
