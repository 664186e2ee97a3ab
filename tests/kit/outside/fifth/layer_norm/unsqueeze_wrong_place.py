import torch
import torch.nn as nn


class LayerNorm(nn.Module):
    def __init__(self, emb_dim):
        super().__init__()
        self.eps = 1e-5
        self.scale = nn.Parameter(torch.ones(emb_dim))
        self.shift = nn.Parameter(torch.zeros(emb_dim))

    def forward(self, x):
        mean = torch.mean(x, dim=-1)
        var = torch.var(x, dim=-1, unbiased=False)
        if x.dim() > 1:
            mean = mean.unsqueeze(1)
            var = var.unsqueeze(1)
        normalized = (x - mean) / torch.sqrt(var + self.eps)
        return normalized * self.scale + self.shift
