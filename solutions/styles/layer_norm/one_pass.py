import torch
from torch import nn


class LayerNorm(nn.Module):
    """Computes the variance as the mean of the squares minus the square of the mean."""

    def __init__(self, *, eps=1e-5, emb_dim):
        super().__init__()
        self.eps = eps
        self.scale = nn.Parameter(torch.full((emb_dim,), 1.0))
        self.shift = nn.Parameter(torch.full((emb_dim,), 0.0))

    def forward(self, x):
        n = x.shape[-1]
        total, squares = x.sum(-1, keepdim=True), (x * x).sum(-1, keepdim=True)
        mean = total / n
        var = squares / n - mean * mean
        return (x - mean) * torch.rsqrt(var + self.eps) * self.scale + self.shift
