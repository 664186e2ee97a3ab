import torch
from torch import nn, einsum

class LoRALayer(nn.Module):
    def __init__(self, in_dim, out_dim, rank, alpha):
        super().__init__()
        A = torch.empty(in_dim, rank).normal_(std=0.02)
        self.register_parameter("A", nn.Parameter(A))
        self.register_parameter("B", nn.Parameter(A.new_zeros(rank, out_dim)))
        self.register_buffer("c", torch.tensor(alpha / rank), persistent=False)

    def forward(self, x):
        return einsum("...i,ir,ro->...o", x * self.c, self.A, self.B)

class LinearWithLoRA(nn.Module):
    def __init__(self, linear, rank, alpha):
        super().__init__()
        self.add_module("linear", linear)
        self.add_module("lora", LoRALayer(linear.in_features, linear.out_features, rank, alpha))

    def forward(self, x):
        y = self.linear(x)
        return y.add(self.lora(x))

def replace_linear_with_lora(model, rank, alpha):
    stack = [model]
    while stack:
        m = stack.pop()
        for key in list(m._modules):
            child = m._modules[key]
            if isinstance(child, nn.Linear):
                m._modules[key] = LinearWithLoRA(child, rank, alpha)
            elif child is not None:
                stack.append(child)
