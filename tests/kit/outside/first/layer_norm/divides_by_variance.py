# MISTAKE: The centred input is divided by var + eps because the square root is forgotten; right is to divide by sqrt(var + eps).
import torch
import torch.nn as nn


class LayerNorm(nn.Module):
    def __init__(self, emb_dim, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.scale = nn.Parameter(torch.ones(emb_dim))
        self.shift = nn.Parameter(torch.zeros(emb_dim))

    def forward(self, x):
        shape = x.shape
        rows = x.reshape(-1, shape[-1])
        var, mean = torch.var_mean(rows, dim=1, correction=0)
        out = (rows - mean[:, None]) / (var[:, None] + self.eps)
        out = out * self.scale + self.shift
        return out.reshape(shape)
