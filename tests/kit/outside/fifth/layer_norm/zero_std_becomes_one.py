import torch
from torch import nn


class LayerNorm(nn.Module):
    """Like StandardScaler, but along the features."""

    def __init__(self, emb_dim):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(emb_dim))
        self.shift = nn.Parameter(torch.zeros(emb_dim))

    @staticmethod
    def _handle_zeros(var):
        return torch.where(var == 0, torch.ones_like(var), var)

    def forward(self, x):
        var, mean = torch.var_mean(x, -1, correction=0, keepdim=True)
        return (x - mean) / self._handle_zeros(var).sqrt() * self.scale + self.shift
