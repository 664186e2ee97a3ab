# MISTAKE: scale and shift are single numbers of shape (1,) shared by all features; right is one value per feature, shape (emb_dim,).
# MISTAKE: The mean is detached before it is subtracted, so the input gradient misses its term; right is to let the gradient flow through the mean.
import torch


class LayerNorm(torch.nn.Module):
    def __init__(self, emb_dim, eps=1e-5):
        super().__init__()
        self.n = emb_dim
        self.eps = eps
        self.scale = torch.nn.Parameter(torch.ones(1))
        self.shift = torch.nn.Parameter(torch.zeros(1))

    def forward(self, x):
        mu = x.sum(-1, keepdim=True) / self.n
        centered = x - mu.detach()
        var = (centered * centered).sum(-1, keepdim=True) / self.n
        inv_std = torch.rsqrt(var + self.eps)
        return centered * inv_std * self.scale + self.shift
