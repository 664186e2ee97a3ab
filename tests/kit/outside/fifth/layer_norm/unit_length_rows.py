import torch
import torch.nn as nn
import torch.nn.functional as F


class LayerNorm(nn.Module):
    def __init__(self, emb_dim, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.scale = nn.Parameter(torch.ones(emb_dim))
        self.shift = nn.Parameter(torch.zeros(emb_dim))

    def forward(self, x):
        x = x - x.mean(dim=-1, keepdim=True)
        x = F.normalize(x, p=2, dim=-1, eps=self.eps)
        return self.scale * x + self.shift
