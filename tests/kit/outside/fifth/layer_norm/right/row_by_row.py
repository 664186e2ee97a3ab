import torch
from torch import nn


def normalise_row(row, eps):
    n = row.numel()
    mean = sum(row) / n
    total = 0
    for value in row:
        total = total + (value - mean) ** 2
    variance = total / n
    return torch.stack([(value - mean) / (variance + eps) ** 0.5 for value in row])


class LayerNorm(nn.Module):
    """Very slow, but every step can be read."""

    def __init__(self, emb_dim, eps=0.00001):
        super().__init__()
        self.eps = eps
        self.scale = nn.Parameter(torch.tensor([1.0] * emb_dim))
        self.shift = nn.Parameter(torch.tensor([0.0] * emb_dim))

    def forward(self, x):
        if x.numel() == 0:
            return x * self.scale + self.shift
        rows = x.reshape(-1, x.shape[-1])
        result = [normalise_row(row, self.eps) * self.scale + self.shift for row in rows]
        return torch.stack(result).reshape(x.shape)
