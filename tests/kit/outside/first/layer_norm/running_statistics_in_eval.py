# MISTAKE: As in batch norm, running statistics are collected in training and used in eval mode; right is that every call uses the statistics of its own rows and nothing is kept.
import torch
import torch.nn as nn


class LayerNorm(nn.Module):
    def __init__(self, emb_dim, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps = eps
        self.momentum = momentum
        self.scale = nn.Parameter(torch.ones(emb_dim))
        self.shift = nn.Parameter(torch.zeros(emb_dim))
        self.register_buffer("running_mean", torch.zeros(1))
        self.register_buffer("running_var", torch.ones(1))

    def forward(self, x):
        if self.training:
            mean = x.mean(-1, keepdim=True)
            var = x.var(-1, keepdim=True, unbiased=False)
            with torch.no_grad():
                self.running_mean.mul_(1 - self.momentum).add_(self.momentum * mean.mean())
                self.running_var.mul_(1 - self.momentum).add_(self.momentum * var.mean())
        else:
            mean, var = self.running_mean, self.running_var
        return self.scale * (x - mean) / torch.sqrt(var + self.eps) + self.shift
