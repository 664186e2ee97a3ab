import torch
import torch.nn as nn

class LoRALayer(nn.Module):
    def __init__(self, in_dim, out_dim, rank, alpha):
        super().__init__()
        self.A = nn.Parameter(torch.randn(in_dim, rank) * 0.02)
        self.B = nn.Parameter(torch.zeros(rank, out_dim))
        self.alpha = alpha

    def forward(self, x):
        x = x @ self.A
        x = x @ self.B
        return self.alpha * x

class LinearWithLoRA(nn.Module):
    def __init__(self, linear, rank, alpha):
        super().__init__()
        self.linear = linear
        self.lora = LoRALayer(linear.in_features, linear.out_features, rank, alpha)

    def forward(self, x):
        out = self.linear(x)
        out = self.lora(x)
        return out

def replace_linear_with_lora(model, rank, alpha):
    for n, m in model.named_children():
        if isinstance(m, nn.Linear):
            setattr(model, n, LinearWithLoRA(m, rank, alpha))
        else:
            replace_linear_with_lora(m, rank, alpha)
