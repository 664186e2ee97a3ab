from __future__ import annotations

import math

import torch
from torch import Tensor, nn


class LoRALayer(nn.Module):
    def __init__(self, in_dim: int, out_dim: int, rank: int, alpha: float) -> None:
        super().__init__()
        self.scaling: float = alpha / math.sqrt(rank)
        self.A = nn.Parameter(torch.randn(in_dim, rank) / math.sqrt(in_dim))
        self.B = nn.Parameter(torch.zeros(rank, out_dim))

    def forward(self, x: Tensor) -> Tensor:
        return (x @ self.A) @ self.B * self.scaling


class LinearWithLoRA(nn.Module):
    def __init__(self, linear: nn.Linear, rank: int, alpha: float) -> None:
        super().__init__()
        self.linear = linear
        self.lora = LoRALayer(linear.in_features, linear.out_features, rank, alpha)

    def forward(self, x: Tensor) -> Tensor:
        return self.linear(x) + self.lora(x)


def replace_linear_with_lora(model: nn.Module, rank: int, alpha: float) -> None:
    targets = [
        (parent, name, child)
        for parent in model.modules()
        for name, child in parent.named_children()
        if isinstance(child, nn.Linear)
    ]
    for parent, name, child in targets:
        setattr(parent, name, LinearWithLoRA(child, rank, alpha))
