"""Computes what is added in float32, whatever the dtype of the model, and casts it back."""

import torch
from torch import nn


class LoRALayer(nn.Module):
    def __init__(self, in_dim, out_dim, rank, alpha):
        super().__init__()
        self.factor = alpha
        self.A = nn.Parameter(nn.init.orthogonal_(torch.empty(in_dim, rank)))
        self.B = nn.Parameter(torch.zeros(rank, out_dim))

    def forward(self, x):
        change = x.float() @ self.A.float() @ self.B.float()
        return (self.factor * change).to(x.dtype)


class LinearWithLoRA(nn.Module):
    def __init__(self, linear, rank, alpha):
        super().__init__()
        self.linear = linear
        self.lora = LoRALayer(linear.in_features, linear.out_features, rank, alpha)

    def forward(self, x):
        return self.lora(x).add(self.linear(x))


def with_lora(module, rank, alpha):
    """Return what stands in a module's place."""
    if isinstance(module, nn.Linear):
        return LinearWithLoRA(module, rank, alpha)
    for name, child in module.named_children():
        setattr(module, name, with_lora(child, rank, alpha))
    return module


def replace_linear_with_lora(model, rank, alpha):
    with_lora(model, rank, alpha)
