from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn


class Layer(nn.Sequential):
    def __init__(self, n_in: int, n_out: int, shortcut: bool) -> None:
        super().__init__(nn.Linear(n_in, n_out), nn.GELU())
        self.adds_input = shortcut and n_in == n_out

    def forward(self, x: Tensor) -> Tensor:
        y = super().forward(x)
        return x + y if self.adds_input else y


class ExampleDeepNeuralNetwork(nn.Module):
    def __init__(self, layer_sizes: list[int], use_shortcut: bool) -> None:
        super().__init__()
        self.layers = nn.Sequential(*(Layer(a, b, use_shortcut) for a, b in pairwise(layer_sizes)))

    def forward(self, x: Tensor) -> Tensor:
        return self.layers(x)


def print_gradients(model: nn.Module, x: Tensor) -> None:
    model.zero_grad()
    model(x).square().mean().backward()
    weights = [(name, p) for name, p in model.named_parameters() if "weight" in name]
    print("\n".join(f"{name:<20} {p.grad.norm():.6e}" for name, p in weights))
