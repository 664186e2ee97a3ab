import torch
from torch import nn


class LayerNorm(nn.Module):
    def __init__(self, emb_dim, eps=1e-5):
        super().__init__()
        self.emb_dim = emb_dim
        self.eps = eps
        self.scale = nn.Parameter(torch.ones(emb_dim))
        self.shift = nn.Parameter(torch.zeros(emb_dim))

    def _variance(self, centred):
        # sum of squares as a dot product of each row with itself
        squares = torch.einsum("...i,...i->...", centred, centred)
        return (squares / max(self.emb_dim - 1, 1)).unsqueeze(-1)

    def forward(self, x):
        centred = x - torch.einsum("...i->...", x).div(self.emb_dim).unsqueeze(-1)
        return centred * (self._variance(centred) + self.eps).rsqrt() * self.scale + self.shift
