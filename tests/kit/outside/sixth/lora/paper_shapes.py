import math
import torch
import torch.nn as nn
import torch.nn.functional as F


class LoRALayer(nn.Module):
    """h = (alpha / r) * B A x, see section 4.1 of Hu et al. (2021)."""

    def __init__(self, in_dim, out_dim, rank, alpha):
        super().__init__()
        self.r = rank
        self.A = nn.Parameter(torch.zeros(rank, in_dim))
        self.B = nn.Parameter(torch.zeros(out_dim, rank))
        nn.init.kaiming_uniform_(self.A, a=math.sqrt(5))
        self.scaling = alpha / self.r

    def forward(self, x):
        return F.linear(F.linear(x, self.A), self.B) * self.scaling


class LinearWithLoRA(nn.Module):
    def __init__(self, linear, rank, alpha):
        super().__init__()
        self.linear = linear
        self.lora = LoRALayer(linear.in_features, linear.out_features, rank, alpha)

    def forward(self, x):
        return self.linear(x) + self.lora(x)


def replace_linear_with_lora(model, rank, alpha):
    for name, module in model.named_children():
        if isinstance(module, nn.Linear):
            setattr(model, name, LinearWithLoRA(module, rank, alpha))
        replace_children = not isinstance(module, nn.Linear)
        if replace_children:
            replace_linear_with_lora(module, rank, alpha)
