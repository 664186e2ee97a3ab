import torch
from torch import nn


class LoRALayer(nn.Module):
    def __init__(self, in_dim, out_dim, rank, alpha):
        super().__init__()
        self.A = nn.Parameter(torch.randn(in_dim, rank) * 0.01)
        self.B = nn.Parameter(torch.zeros(rank, out_dim))
        self.alpha = alpha

    def forward(self, x):
        return self.alpha * (x @ self.A @ self.B)


def copy_of(linear):
    twin = nn.Linear(linear.in_features, linear.out_features, bias=linear.bias is not None,
                     dtype=linear.weight.dtype, device=linear.weight.device)
    twin.load_state_dict(linear.state_dict())
    return twin


class LinearWithLoRA(nn.Module):
    # works on a copy, so that the layer of the old model can still be used
    def __init__(self, linear, rank, alpha):
        super().__init__()
        self.linear = copy_of(linear)
        self.lora = LoRALayer(linear.in_features, linear.out_features, rank, alpha)

    def forward(self, x):
        return self.linear(x) + self.lora(x)


def replace_linear_with_lora(model, rank, alpha):
    for name, child in model.named_children():
        if type(child) is nn.Linear:
            model.add_module(name, LinearWithLoRA(child, rank, alpha))
        else:
            replace_linear_with_lora(child, rank, alpha)
