import torch
from torch import nn


class LayerNorm(nn.Module):
    """Computes mean and variance in float32 and the rest in the input's dtype; keeps eps as a frozen parameter."""

    def __init__(self, emb_dim, eps=1e-5):
        super().__init__()
        self.eps = nn.Parameter(torch.tensor(eps), requires_grad=False)
        self.scale = nn.Parameter(torch.ones(emb_dim))
        self.shift = nn.Parameter(torch.zeros(emb_dim))

    def forward(self, x):
        mean = x.float().mean(-1, keepdim=True)
        variance = (x.float() - mean).square().mean(-1, keepdim=True)
        return self.scale * ((x - mean.to(x)) / (variance.to(x) + self.eps).sqrt()) + self.shift
