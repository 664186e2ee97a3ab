"""Compiled for speed, in each way that torch offers."""

import torch
from torch import nn


@torch.compile
def center(x):
    return x - x.mean(dim=-1, keepdim=True)


@torch.compile(mode="reduce-overhead", fullgraph=True)
def rescale(x, eps):
    return x / torch.sqrt(x.square().mean(dim=-1, keepdim=True) + eps)


class LayerNorm(nn.Module):
    def __init__(self, emb_dim):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(emb_dim))
        self.shift = nn.Parameter(torch.zeros(emb_dim))
        self.stretch = torch.compile(self._stretch, dynamic=True)
        self.compile()

    def _stretch(self, x):
        return x * self.scale + self.shift

    @torch.compile()
    def forward(self, x):
        return self.stretch(rescale(center(x), 1e-5))
