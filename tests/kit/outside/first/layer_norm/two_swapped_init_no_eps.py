# MISTAKE: scale starts at zeros and shift at ones; right is scale ones and shift zeros.
# MISTAKE: eps is left out of the square root, so a constant row gives nan; right is sqrt(var + eps).
import torch
import torch.nn as nn


class LayerNorm(nn.Module):
    def __init__(self, emb_dim, eps=1e-5):
        super().__init__()
        self.scale = nn.Parameter(torch.zeros(emb_dim))
        self.shift = nn.Parameter(torch.ones(emb_dim))

    def forward(self, x):
        mean = x.mean(dim=-1, keepdim=True)
        diff = x - mean
        var = torch.mean(diff ** 2, dim=-1, keepdim=True)
        return diff / torch.sqrt(var) * self.scale + self.shift
