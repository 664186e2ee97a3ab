# MISTAKE: The standard deviation comes from torch.std with its default Bessel correction (divide by n-1); the biased variance (divide by n) is right.
import torch
import torch.nn as nn


class LayerNorm(nn.Module):
    def __init__(self, emb_dim, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.scale = nn.Parameter(torch.ones(emb_dim))
        self.shift = nn.Parameter(torch.zeros(emb_dim))

    def forward(self, x):
        mean = torch.mean(x, dim=-1, keepdim=True)
        std = torch.std(x, dim=-1, keepdim=True)
        x_norm = (x - mean) / torch.sqrt(std.pow(2) + self.eps)
        return x_norm * self.scale + self.shift
