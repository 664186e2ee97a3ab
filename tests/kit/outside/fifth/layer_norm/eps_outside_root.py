import torch
import torch.nn as nn

EPSILON = 1e-5


def standardise(t):
    """zero mean, unit variance along the features"""
    mu = t.mean(dim=-1, keepdim=True)
    centred = t - mu
    sigma = centred.pow(2).mean(dim=-1, keepdim=True).sqrt()
    return centred / (sigma + EPSILON)


class LayerNorm(nn.Module):
    def __init__(self, emb_dim):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(emb_dim))
        self.shift = nn.Parameter(torch.zeros(emb_dim))

    def forward(self, x):
        return torch.addcmul(self.shift, self.scale, standardise(x))
