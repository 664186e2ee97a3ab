import torch
from torch import nn


class LayerNorm(nn.Module):
    def __init__(self, emb_dim, eps=1e-5):
        super().__init__()
        self.emb_dim = emb_dim
        self.eps = eps
        self.scale = nn.Parameter(torch.ones(emb_dim))
        self.shift = nn.Parameter(torch.zeros(emb_dim))

    def forward(self, x):
        rows = x.view(-1, self.emb_dim)
        ones = rows.new_ones(self.emb_dim, 1)
        mu = rows @ ones / self.emb_dim
        centred = rows - mu
        var = centred.square() @ ones / self.emb_dim
        y = centred / torch.sqrt(var + self.eps) * self.scale[None, :] + self.shift[None, :]
        return y.view(x.size())
