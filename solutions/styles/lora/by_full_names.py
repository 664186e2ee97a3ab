"""Finds the layers by their full names first, and replaces them afterward."""

import torch.nn.functional as F
from torch import Tensor, nn


class LoRALayer(nn.Module):
    def __init__(self, in_dim: int, out_dim: int, rank: int, alpha: float) -> None:
        super().__init__()
        down, up = nn.Linear(in_dim, rank, bias=False), nn.Linear(rank, out_dim, bias=False)
        self.A = nn.Parameter(down.weight.detach().T.contiguous())
        self.B = nn.Parameter(nn.init.zeros_(up.weight).detach().T.contiguous())
        self.scaling = alpha / rank

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(F.linear(x * self.scaling, self.A.T), self.B.T)


class LinearWithLoRA(nn.Module):
    def __init__(self, linear: nn.Linear, rank: int, alpha: float) -> None:
        super().__init__()
        self.linear = linear
        self.lora = LoRALayer(linear.in_features, linear.out_features, rank, alpha)

    def forward(self, x: Tensor) -> Tensor:
        output = self.linear(x)
        output += self.lora(x)
        return output


def replace_linear_with_lora(model: nn.Module, rank: int, alpha: float) -> nn.Module:
    found = [name for name, module in model.named_modules() if isinstance(module, nn.Linear)]
    for full_name in found:
        parent_name, _, name = full_name.rpartition(".")
        parent = model.get_submodule(parent_name)
        parent.register_module(name, LinearWithLoRA(getattr(parent, name), rank, alpha))
    return model
