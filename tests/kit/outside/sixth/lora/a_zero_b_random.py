import torch
import torch.nn as nn


class LoRALayer(nn.Module):
    def __init__(self, in_dim, out_dim, rank, alpha):
        super().__init__()
        std = 1 / torch.sqrt(torch.tensor(rank).float())
        self.A = nn.Parameter(torch.zeros(in_dim, rank))
        self.B = nn.Parameter(torch.randn(rank, out_dim) * std)
        self.alpha = alpha

    def forward(self, x):
        x = self.alpha * (x @ self.A @ self.B)
        return x


class LinearWithLoRA(nn.Module):
    def __init__(self, linear, rank, alpha):
        super().__init__()
        self.linear = linear
        self.lora = LoRALayer(in_dim=linear.in_features, out_dim=linear.out_features,
                              rank=rank, alpha=alpha)

    def forward(self, x):
        out = self.linear(x)
        delta = self.lora(x)
        return out + delta


def replace_linear_with_lora(model, rank, alpha):
    todo = [model]
    while todo:
        parent = todo.pop()
        for name, child in list(parent.named_children()):
            if isinstance(child, nn.Linear):
                setattr(parent, name, LinearWithLoRA(child, rank, alpha))
            else:
                todo.append(child)
