import math
from torch import nn
import torch


class LoRALayer(nn.Module):
    def __init__(self, in_dim, out_dim, rank, alpha, lora_dropout=0.05):
        super().__init__()
        self.lora_dropout = nn.Dropout(p=lora_dropout) if lora_dropout > 0.0 else nn.Identity()
        self.A = nn.Parameter(torch.empty(in_dim, rank))
        self.B = nn.Parameter(torch.empty(rank, out_dim))
        self.scaling = alpha / rank
        self.reset_lora_parameters()

    def reset_lora_parameters(self):
        nn.init.kaiming_uniform_(self.A, a=math.sqrt(5))
        nn.init.zeros_(self.B)

    def forward(self, x):
        return self.lora_dropout(x) @ self.A @ self.B * self.scaling


class LinearWithLoRA(nn.Module):
    def __init__(self, linear, rank, alpha):
        super().__init__()
        self.linear = linear
        self.lora = LoRALayer(linear.in_features, linear.out_features, rank, alpha)

    def forward(self, x):
        result = self.linear(x)
        result = result + self.lora(x)
        return result


def _get_submodules(model, key):
    parent = model.get_submodule(".".join(key.split(".")[:-1]))
    target_name = key.split(".")[-1]
    return parent, model.get_submodule(key), target_name


def replace_linear_with_lora(model, rank, alpha):
    key_list = [key for key, _ in model.named_modules()]
    for key in key_list:
        if key and isinstance(model.get_submodule(key), nn.Linear):
            parent, target, target_name = _get_submodules(model, key)
            setattr(parent, target_name, LinearWithLoRA(target, rank, alpha))
