import torch
import torch.nn as nn


class LayerNorm(nn.Module):
    def __init__(self, emb_dim, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.scale = nn.Parameter(torch.ones(emb_dim))
        self.shift = nn.Parameter(torch.zeros(emb_dim))

    def forward(self, x):
        d = x - x.mean(-1, True)
        return d.div(d.square().mean(-1, True).clamp(min=self.eps).sqrt()).mul(self.scale).add(self.shift)
