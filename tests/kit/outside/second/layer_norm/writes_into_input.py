# MISTAKE: The input is centred in place (x -= mean), which overwrites the caller's tensor (a shortcut kept from it is changed too); right is a new tensor, x - mean, that leaves the input as it was.
import torch
import torch.nn as nn


class LayerNorm(nn.Module):
    def __init__(self, emb_dim, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.scale = nn.Parameter(torch.ones(emb_dim))
        self.shift = nn.Parameter(torch.zeros(emb_dim))

    def forward(self, x):
        mean = x.mean(dim=-1, keepdim=True)
        x -= mean
        var = (x ** 2).mean(dim=-1, keepdim=True)
        norm_x = x / torch.sqrt(var + self.eps)
        return self.scale * norm_x + self.shift
