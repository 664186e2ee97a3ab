import math
import torch
import torch.nn as nn

TARGET_MODULES = ("W_query", "W_key", "W_value", "out_proj")


class LoRALayer(nn.Module):
    def __init__(self, in_dim, out_dim, rank, alpha):
        super().__init__()
        self.A = nn.Parameter(torch.empty(in_dim, rank))
        nn.init.kaiming_uniform_(self.A, a=math.sqrt(5))
        self.B = nn.Parameter(torch.zeros(rank, out_dim))
        self.scaling = alpha / rank

    def forward(self, x):
        return x @ self.A @ self.B * self.scaling


class LinearWithLoRA(nn.Module):
    def __init__(self, linear, rank, alpha):
        super().__init__()
        self.linear = linear
        self.lora = LoRALayer(linear.in_features, linear.out_features, rank, alpha)

    def forward(self, x):
        return self.linear(x) + self.lora(x)


def replace_linear_with_lora(model, rank, alpha, target_modules=TARGET_MODULES):
    for full_name, module in list(model.named_modules()):
        if not isinstance(module, nn.Linear):
            continue
        parent_name, _, name = full_name.rpartition(".")
        if name in target_modules:
            parent = model.get_submodule(parent_name)
            setattr(parent, name, LinearWithLoRA(module, rank, alpha))
