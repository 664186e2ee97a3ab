import torch
from torch import nn


class LayerNorm(nn.Module):
    def __init__(self, emb_dim):
        super().__init__()
        self.eps = 1e-5
        self.scale = nn.Parameter(torch.ones(emb_dim))
        self.shift = nn.Parameter(torch.zeros(emb_dim))

    def forward(self, x):
        centered = x - x.mean(axis=-1, keep_dims=True)
        var = centered.square().mean(dim=-1, keepdim=True)
        return self.shift + self.scale * centered / (var + self.eps).sqrt()
