import math

import torch
from torch import nn


class LoRALayer(nn.Module):
    """Low-rank update: x -> alpha * (x A B)."""

    def __init__(self, in_dim, out_dim, rank, alpha):
        super().__init__()
        self.alpha = alpha
        self.A = nn.Parameter(torch.empty(in_dim, rank))
        self.B = nn.Parameter(torch.empty(rank, out_dim))
        self.reset_parameters()

    def reset_parameters(self):
        for p in self.parameters():
            nn.init.kaiming_uniform_(p, a=math.sqrt(5))

    def forward(self, x):
        return self.alpha * (x @ self.A @ self.B)


class LinearWithLoRA(nn.Module):
    def __init__(self, linear, rank, alpha):
        super().__init__()
        self.linear = linear
        self.lora = LoRALayer(linear.in_features, linear.out_features, rank, alpha)

    def forward(self, x):
        return self.linear(x) + self.lora(x)


def replace_linear_with_lora(model, rank, alpha):
    for name, child in model.named_children():
        if isinstance(child, nn.Linear):
            setattr(model, name, LinearWithLoRA(child, rank, alpha))
        else:
            replace_linear_with_lora(child, rank, alpha)
