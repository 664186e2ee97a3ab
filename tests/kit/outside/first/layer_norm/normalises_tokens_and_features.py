# MISTAKE: The statistics are taken over all dimensions but the first together (tokens and features, x.shape[1:]); right is over the last dimension only, for each token by itself.
import torch
from torch import nn
import torch.nn.functional as F


class LayerNorm(nn.Module):
    def __init__(self, emb_dim, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.scale = nn.Parameter(torch.ones(emb_dim))
        self.shift = nn.Parameter(torch.zeros(emb_dim))

    def forward(self, x):
        x = F.layer_norm(x, x.shape[1:], eps=self.eps)
        return self.scale * x + self.shift
