"""A stand-in for `lora`: the two thin matrices are parameters of one module, which also finds the layers."""

import torch
from torch import Tensor, nn


class LoRALayer(nn.Module):
    def __init__(self, in_dim: int, out_dim: int, rank: int, alpha: float) -> None:
        super().__init__()
        self.A = nn.Parameter(torch.randn(in_dim, rank) / in_dim**0.5)
        self.B = nn.Parameter(torch.zeros(rank, out_dim))
        self.share = alpha / rank

    def forward(self, x: Tensor) -> Tensor:
        return (self.share * x) @ self.A @ self.B


class _Widened(nn.Module):
    def __init__(self, linear: nn.Linear, rank: int, alpha: float) -> None:
        super().__init__()
        self.linear = linear
        self.lora = LoRALayer(linear.in_features, linear.out_features, rank, alpha).to(linear.weight)

    def forward(self, x: Tensor) -> Tensor:
        return torch.add(self.linear(x), self.lora(x))


def replace_linear_with_lora(model: nn.Module, rank: int, alpha: float) -> None:
    names = [name for name, module in model.named_modules() if isinstance(module, nn.Linear)]
    for name in names:
        above, _, last = name.rpartition(".")
        setattr(model.get_submodule(above), last, _Widened(model.get_submodule(name), rank, alpha))
