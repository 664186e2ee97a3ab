from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class LoRALayer(nn.Module):
    def __init__(self, in_dim: int, out_dim: int, rank: int, alpha: float) -> None:
        super().__init__()
        self.A = nn.Parameter(torch.randn(in_dim, rank) / rank**0.5)
        self.B = nn.Parameter(torch.zeros(rank, out_dim))
        self.scaling = alpha / rank

    @property
    def weight(self) -> Tensor:
        return self.scaling * (self.A @ self.B).mT

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x, self.weight)


class LinearWithLoRA(nn.Module):
    """W is never changed: the sum of W and its update is made anew in each call."""

    def __init__(self, linear: nn.Linear, rank: int, alpha: float) -> None:
        super().__init__()
        self.linear = linear
        self.lora = LoRALayer(linear.in_features, linear.out_features, rank, alpha)

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x, self.linear.weight + self.lora.weight, self.linear.bias)


def replace_linear_with_lora(model: nn.Module, rank: int, alpha: float) -> nn.Module:
    found = [
        (parent, name, child)
        for parent in model.modules()
        for name, child in parent.named_children()
        if isinstance(child, nn.Linear)
    ]
    for parent, name, child in found:
        setattr(parent, name, LinearWithLoRA(child, rank, alpha))
    return model
