"""A layer decides when it's built whether it adds its input; then the network is a plain Sequential."""

import torch
from torch import nn


class Plain(nn.Sequential):
    def __init__(self, d_in, d_out):
        super().__init__(nn.Linear(d_in, d_out), nn.GELU())


class Residual(Plain):
    def forward(self, x):
        return x + super().forward(x)


class ExampleDeepNeuralNetwork(nn.Module):
    def __init__(self, layer_sizes, use_shortcut):
        super().__init__()
        layers = []
        for d_in, d_out in zip(layer_sizes[:-1], layer_sizes[1:], strict=True):
            kind = Residual if use_shortcut and d_in == d_out else Plain
            layers.append(kind(d_in, d_out))
        self.layers = nn.Sequential(*layers)

    def forward(self, x):
        return self.layers(x)


def print_gradients(model, x):
    weights = {name: parameter for name, parameter in model.named_parameters() if "weight" in name}
    gradients = torch.autograd.grad(model(x).pow(2).sum(), list(weights.values()))
    print("Mean sizes of gradients")
    for name, gradient in zip(weights, gradients, strict=True):
        print(f"  {name:<20} {gradient.abs().mean():.6f}")
