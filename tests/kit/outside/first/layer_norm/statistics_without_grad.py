# MISTAKE: Mean and variance are computed under torch.no_grad, so the input gradient treats them as constants; right is to let the gradient flow through both.
import torch


class LayerNorm(torch.nn.Module):
    def __init__(self, emb_dim, eps=1e-5):
        super().__init__()
        self.n = emb_dim
        self.eps = eps
        self.scale = torch.nn.Parameter(torch.ones(emb_dim))
        self.shift = torch.nn.Parameter(torch.zeros(emb_dim))

    def forward(self, x):
        with torch.no_grad():
            mu = x.sum(-1, keepdim=True) / self.n
            var = ((x - mu) * (x - mu)).sum(-1, keepdim=True) / self.n
            inv_std = torch.rsqrt(var + self.eps)
        centered = x - mu
        return centered * inv_std * self.scale + self.shift
