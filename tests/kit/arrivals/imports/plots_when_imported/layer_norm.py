"""Normalize each token; a function that nobody calls here draws what comes out."""

import matplotlib.pyplot as plt
import torch
from matplotlib.ticker import MaxNLocator
from torch import nn


class LayerNorm(nn.Module):
    def __init__(self, emb_dim):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(emb_dim))
        self.shift = nn.Parameter(torch.zeros(emb_dim))

    def forward(self, x):
        spread, mean = torch.var_mean(x, dim=-1, correction=0, keepdim=True)
        return (x - mean) * torch.rsqrt(spread + 1e-5) * self.scale + self.shift


def draw(rows, path):
    figure, axes = plt.subplots()
    for row in rows:
        axes.plot(range(len(row)), row)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    figure.savefig(path)
