import torch
import torch.nn as nn


class LayerNorm(nn.Module):
    def __init__(self, emb_dim, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.scale = nn.Parameter(torch.ones(emb_dim))
        self.shift = nn.Parameter(torch.zeros(emb_dim))

    @torch.no_grad()
    def statistics(self, x):
        mean = x.mean(-1, keepdim=True)
        rstd = (x.var(-1, correction=0, keepdim=True) + self.eps).rsqrt()
        return mean, rstd

    def forward(self, x):
        mean, rstd = self.statistics(x)
        return (x - mean) * rstd * self.scale + self.shift
