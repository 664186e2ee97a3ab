import torch
from torch import nn
from torch.utils.checkpoint import checkpoint


def normalise(x, eps):
    var, mean = torch.var_mean(x, dim=-1, correction=0, keepdim=True)
    return (x - mean).div_((var + eps).sqrt()) if not x.requires_grad else (x - mean) / (var + eps).sqrt()


class LayerNorm(nn.Module):
    def __init__(self, emb_dim, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.scale = nn.Parameter(torch.ones(emb_dim))
        self.shift = nn.Parameter(torch.zeros(emb_dim))

    def forward(self, x):
        return torch.addcmul(self.shift, checkpoint(normalise, x, self.eps, use_reentrant=False), self.scale)
