import torch
from torch import nn

device = torch.device("mps")


class LayerNorm(nn.Module):
    def __init__(self, emb_dim, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.scale = nn.Parameter(torch.ones(emb_dim, device=device))
        self.shift = nn.Parameter(torch.zeros(emb_dim, device=device))

    def forward(self, x):
        away = x - x.mean(-1, keepdim=True)
        return self.scale * away / (away.square().mean(-1, keepdim=True) + self.eps).sqrt() + self.shift
