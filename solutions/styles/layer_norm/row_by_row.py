import torch
from torch import nn


class LayerNorm(nn.Module):
    """Loops over the rows, one at a time."""

    def __init__(self, emb_dim, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.scale = nn.Parameter(torch.ones(emb_dim))
        self.shift = nn.Parameter(torch.zeros(emb_dim))

    def forward(self, x):
        rows = []
        for row in x.reshape(-1, x.shape[-1]):
            mean = sum(row) / len(row)
            var = sum((value - mean) ** 2 for value in row) / len(row)
            rows.append((row - mean) / (var + self.eps) ** 0.5)
        return torch.stack(rows).reshape(x.shape) * self.scale + self.shift
