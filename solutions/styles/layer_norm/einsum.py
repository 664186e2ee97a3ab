import torch
from torch import nn


class LayerNorm(nn.Module):
    """Computes the sums with einsum, and has a buffer that it doesn't use."""

    def __init__(self, emb_dim, eps=0.00001):
        super().__init__()
        self.register_buffer("centre", torch.eye(emb_dim) - torch.ones(emb_dim, emb_dim) / emb_dim, persistent=False)
        self.register_parameter("scale", nn.Parameter(torch.ones(emb_dim)))
        self.register_parameter("shift", nn.Parameter(torch.zeros(emb_dim)))
        self.eps, self.n = eps, emb_dim

    def forward(self, x):
        away = x - torch.einsum("...i->...", x).unsqueeze(-1) / self.n
        spread = torch.einsum("...i,...i->...", away, away).div(self.n).add(self.eps).pow(-0.5)
        return torch.einsum("...i,...,i->...i", away, spread, self.scale) + self.shift
