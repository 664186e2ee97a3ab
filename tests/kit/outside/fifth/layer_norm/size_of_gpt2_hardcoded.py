import torch
from torch import nn

N_EMBD = 768


class LayerNorm(nn.Module):
    def __init__(self, emb_dim=N_EMBD, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.scale = nn.Parameter(torch.ones(emb_dim))
        self.shift = nn.Parameter(torch.zeros(emb_dim))

    def forward(self, x):
        mean = torch.sum(x, dim=-1, keepdim=True) / N_EMBD
        centered = x - mean
        var = torch.sum(centered * centered, dim=-1, keepdim=True) / N_EMBD
        return centered / torch.sqrt(var + self.eps) * self.scale + self.shift
