import math

import torch
import torch.nn as nn


class LoRALayer(nn.Module):
    def __init__(self, in_dim, out_dim, rank, alpha):
        super().__init__()
        self.A = nn.Parameter(torch.zeros(in_dim, rank))
        self.B = nn.Parameter(torch.zeros(rank, out_dim))
        self.scaling = alpha / rank
        nn.init.kaiming_uniform_(self.A, a=math.sqrt(5))

    def forward(self, x):
        return (x @ self.A @ self.B) * self.scaling


class LinearWithLoRA(nn.Module):
    def __init__(self, linear, rank, alpha, merge_weights=True):
        super().__init__()
        self.linear = linear
        self.lora = LoRALayer(linear.in_features, linear.out_features, rank, alpha)
        self.merge_weights = merge_weights

    def train(self, mode: bool = True):
        super().train(mode)
        if not mode and self.merge_weights:
            # Merge the weights for faster inference
            delta = (self.lora.A @ self.lora.B).T * self.lora.scaling
            self.linear.weight.data += delta.data
        return self

    def forward(self, x: torch.Tensor):
        return self.linear(x) + self.lora(x)


def replace_linear_with_lora(model, rank, alpha):
    for name, layer in list(model.named_children()):
        if isinstance(layer, nn.Linear):
            setattr(model, name, LinearWithLoRA(layer, rank, alpha))
        else:
            replace_linear_with_lora(layer, rank, alpha)
