"""Adds the product of A and B to the weight in every forward pass, and calls itself for parts of parts."""

import torch
import torch.nn.functional as F
from torch import nn


class LoRALayer(nn.Module):
    def __init__(self, in_dim, out_dim, rank, alpha):
        super().__init__()
        self.A = nn.Parameter(0.02 * torch.randn(in_dim, rank))
        self.B = nn.Parameter(torch.zeros(rank, out_dim))
        self.alpha = alpha

    def change(self):
        """Return what is added to the weight, (out_dim, in_dim)."""
        return self.alpha * (self.A @ self.B).T

    def forward(self, x):
        return F.linear(x, self.change())


class LinearWithLoRA(nn.Module):
    def __init__(self, linear, rank, alpha):
        super().__init__()
        self.linear = linear
        out_dim, in_dim = linear.weight.shape
        self.lora = LoRALayer(in_dim=in_dim, out_dim=out_dim, rank=rank, alpha=alpha)

    def forward(self, x):
        return F.linear(x, self.linear.weight + self.lora.change(), self.linear.bias)


def replace_linear_with_lora(model, rank, alpha):
    for name, child in list(model._modules.items()):
        if isinstance(child, nn.Linear):
            model._modules[name] = LinearWithLoRA(child, rank, alpha)
        elif child is not None:
            replace_linear_with_lora(child, rank, alpha)
    return model
