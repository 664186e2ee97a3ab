import torch
from torch import nn


class LayerNorm(nn.Module):
    def __init__(self, emb_dim):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(emb_dim))
        self.shift = nn.Parameter(torch.zeros(emb_dim))

    @staticmethod
    def z_score(values):
        avg = torch.mean(values)
        variance = torch.mean((values - avg) ** 2)
        return (values - avg) / (variance + 1e-5) ** 0.5

    def forward(self, x):
        return self.z_score(x) * self.scale + self.shift
