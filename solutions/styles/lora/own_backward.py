"""Writes out the backward pass of the two matrices, and walks through the model with a stack."""

import torch
from torch import nn


class LowRank(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, a, b, scale):
        narrow = x @ a
        ctx.save_for_backward(x, a, b, narrow)
        ctx.scale = scale
        return scale * (narrow @ b)

    @staticmethod
    def backward(ctx, upstream):
        x, a, b, narrow = ctx.saved_tensors
        upstream = ctx.scale * upstream
        at_narrow = upstream @ b.T
        grad_a = x.flatten(0, -2).T @ at_narrow.flatten(0, -2)
        grad_b = narrow.flatten(0, -2).T @ upstream.flatten(0, -2)
        return at_narrow @ a.T, grad_a, grad_b, None


class LoRALayer(nn.Module):
    def __init__(self, in_dim, out_dim, rank, alpha):
        super().__init__()
        self.A = nn.Parameter(torch.rand(in_dim, rank) - 0.5)
        self.B = nn.Parameter(torch.zeros(rank, out_dim))
        self.scale = alpha / rank

    def forward(self, x):
        return LowRank.apply(x, self.A, self.B, self.scale)


class LinearWithLoRA(nn.Module):
    def __init__(self, linear, rank, alpha):
        super().__init__()
        self.linear = linear
        self.lora = LoRALayer(linear.in_features, linear.out_features, rank, alpha)

    def forward(self, x):
        return self.linear(x) + self.lora(x)


def replace_linear_with_lora(model, rank, alpha):
    waiting = [model]
    while waiting:
        module = waiting.pop()
        for name, child in module.named_children():
            if isinstance(child, nn.Linear):
                setattr(module, name, LinearWithLoRA(child, rank, alpha))
            else:
                waiting.append(child)
