# MISTAKE: eps is left out of the denominator, (x - mean) / sqrt(var), so constant rows give nan and rows of small variance are off; right is sqrt(var + eps) with eps = 1e-5.
import torch
import torch.nn as nn


class LayerNorm(nn.Module):
    def __init__(self, emb_dim, eps=1e-5):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(emb_dim))
        self.shift = nn.Parameter(torch.zeros(emb_dim))

    def forward(self, x):
        n = x.shape[-1]
        centered = x - x.sum(dim=-1, keepdim=True) / n
        variance = (centered * centered).sum(dim=-1, keepdim=True) / n
        return centered / variance.sqrt() * self.scale + self.shift
