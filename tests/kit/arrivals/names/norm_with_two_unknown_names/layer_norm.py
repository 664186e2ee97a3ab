import torch
from torch import nn


class LayerNorm(nn.Module):
    def __init__(self, emb_dim):
        super().__init__()
        self.p1 = nn.Parameter(torch.ones(emb_dim))
        self.p2 = nn.Parameter(torch.zeros(emb_dim))

    def forward(self, x):
        centered = x - x.mean(dim=-1, keepdim=True)
        variance = centered.square().mean(dim=-1, keepdim=True)
        return self.p1 * centered / (variance + 1e-5).sqrt() + self.p2
