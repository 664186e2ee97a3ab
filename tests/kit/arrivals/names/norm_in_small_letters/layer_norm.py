import torch
from torch import nn


class Layernorm(nn.Module):
    def __init__(self, n_embd, eps=1e-5):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(n_embd))
        self.shift = nn.Parameter(torch.zeros(n_embd))

    def forward(self, x):
        centered = x - x.mean(dim=-1, keepdim=True)
        variance = centered.square().mean(dim=-1, keepdim=True)
        return self.scale * centered / (variance + 1e-5).sqrt() + self.shift
