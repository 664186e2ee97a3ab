"""A module with trials at its top level; none of them works where the checks run."""

import os

import torch
from torch import nn

with open(os.path.join("data", "moby-dick.txt")) as file:
    whale = file.read()
words = whale.split()
wide = torch.ones(2, 3) @ torch.ones(2, 3)


class LayerNorm(nn.Module):
    def __init__(self, emb_dim):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(emb_dim))
        self.shift = nn.Parameter(torch.zeros(emb_dim))

    def forward(self, x):
        variance, mean = torch.var_mean(x, dim=-1, correction=0, keepdim=True)
        return (x - mean) / torch.sqrt(variance + 1e-5) * self.scale + self.shift


layer = LayerNorm(4).to("cuda")
print(layer(torch.rand(2, 4)), words[:3])
raise_to = pow("2", 3)
