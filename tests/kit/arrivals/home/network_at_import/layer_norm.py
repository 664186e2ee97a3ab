"""A module that downloads its text."""

import urllib.request

import torch
from torch import nn

url = "https://example.org/the-verdict.txt"
text = urllib.request.urlopen(url).read().decode("utf-8")
vocabulary = sorted(set(text))


class LayerNorm(nn.Module):
    def __init__(self, emb_dim):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(emb_dim))
        self.shift = nn.Parameter(torch.zeros(emb_dim))

    def forward(self, x):
        variance, mean = torch.var_mean(x, dim=-1, correction=0, keepdim=True)
        return (x - mean) / torch.sqrt(variance + 1e-5) * self.scale + self.shift
