import torch
import torch.nn as nn


class LoRALayer(nn.Module):
    def __init__(self, in_dim, out_dim, rank, alpha):
        super(LoRALayer, self).__init__()
        self.rank = rank
        self.alpha = alpha
        self.A = nn.Parameter(torch.normal(0.0, 0.02, size=(in_dim, rank)))
        self.B = nn.Parameter(torch.zeros(size=(rank, out_dim)))

    def forward(self, x):
        return torch.matmul(torch.matmul(x, self.A), self.B) * (self.alpha / self.rank)


class LinearWithLoRA(nn.Module):
    def __init__(self, linear, rank, alpha):
        super(LinearWithLoRA, self).__init__()
        self.linear = linear
        self.lora = LoRALayer(linear.in_features, linear.out_features, rank, alpha)

    def forward(self, x):
        return self.linear(x) + self.lora(x)


def replace_linear_with_lora(model, rank, alpha):
    # lists of layers have no attribute names, they are indexed
    if isinstance(model, (nn.Sequential, nn.ModuleList)):
        for i in range(len(model)):
            if isinstance(model[i], nn.Linear):
                model[i] = LinearWithLoRA(model[i], rank, alpha)

    for name, child in model.named_children():
        if isinstance(child, nn.Linear):
            setattr(model, name, LinearWithLoRA(child, rank, alpha))
        elif len(list(child.children())) > 0:
            replace_linear_with_lora(child, rank, alpha)
