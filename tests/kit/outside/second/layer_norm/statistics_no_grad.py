# MISTAKE: Mean and variance are computed under torch.no_grad(), so the input's gradient treats them as constants; right is to let the gradient flow through both statistics.
import torch
import torch.nn as nn


class LayerNorm(nn.Module):
    def __init__(self, emb_dim, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.scale = nn.Parameter(torch.ones(emb_dim))
        self.shift = nn.Parameter(torch.zeros(emb_dim))

    def forward(self, x):
        with torch.no_grad():
            mu = x.mean(dim=-1, keepdim=True)
            sigma = torch.sqrt(x.var(dim=-1, keepdim=True, unbiased=False) + self.eps)
        return torch.addcmul(self.shift, (x - mu) / sigma, self.scale)
