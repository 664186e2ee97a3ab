import torch
from torch import nn
from torch.nn import Parameter, init


class LoRALayer(nn.Module):

    def __init__(self, in_dim, out_dim, rank, alpha):
        super().__init__()
        self.A = Parameter(init.xavier_normal_(torch.empty(in_dim, rank)))
        self.B = Parameter(torch.zeros(rank, out_dim))
        self.c = alpha

    def forward(self, x):
        return self.c * torch.einsum("...i,ir,ro->...o", x, self.A, self.B)


class LinearWithLoRA(nn.Module):

    def __init__(self, linear, rank, alpha):
        super().__init__()
        self.linear = linear
        self.lora = LoRALayer(linear.in_features, linear.out_features, rank, alpha)

    def forward(self, x):
        return self.linear(x) + self.lora(x)


def replace_linear_with_lora(model, rank, alpha):
    for name, layer in model._modules.items():
        if isinstance(layer, nn.Linear):
            model._modules[name] = LinearWithLoRA(layer, rank, alpha)
    return model
