import functools

import torch
from torch import nn

from . import gpt_block


def dense(n_in, n_out):
    return nn.Sequential(nn.Linear(n_in, n_out), gpt_block.GELU())


def residual(use, layer):
    def run(x):
        y = layer(x)
        return torch.add(y, x.detach()) if use and tuple(x.shape) == tuple(y.shape) else y
    return run


class ExampleDeepNeuralNetwork(nn.Module):
    def __init__(self, layer_sizes, use_shortcut):
        super().__init__()
        self.use_shortcut = use_shortcut
        self.layers = nn.ModuleList(map(dense, layer_sizes[:-1], layer_sizes[1:]))

    def forward(self, x):
        steps = [residual(self.use_shortcut, layer) for layer in self.layers]
        return functools.reduce(lambda h, f: f(h), steps, x)


def print_gradients(model, x):
    loss = torch.nn.functional.mse_loss(model(x), x.new_zeros(1, 1))
    loss.backward()
    for name, value in model.named_parameters():
        if name.endswith("weight"):
            print(f"{name}: mean |gradient| {value.grad.abs().mean().item():g}")
