"""A layer with a backward pass of its own, in which the shortcut's part of the gradient is visible."""

import torch
from torch import nn


class Layer(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, weight, bias, add):
        before = x @ weight.T + bias
        share = torch.special.ndtr(before)
        ctx.save_for_backward(x, weight, before, share)
        ctx.add = add
        return before * share + (x if add else 0)

    @staticmethod
    def backward(ctx, upstream):
        x, weight, before, share = ctx.saved_tensors
        density = torch.exp(-before.square() / 2) / (2 * torch.pi) ** 0.5
        inner = upstream * (share + before * density)
        back = inner @ weight
        return back + upstream if ctx.add else back, inner.T @ x, inner.sum(0), None


class ExampleDeepNeuralNetwork(nn.Module):
    def __init__(self, layer_sizes, use_shortcut):
        super().__init__()
        self.use_shortcut = use_shortcut
        self.layers = nn.ModuleList([nn.Sequential(nn.Linear(*pair)) for pair in zip(layer_sizes, layer_sizes[1:])])

    def forward(self, x):
        for layer in self.layers:
            linear = layer[0]
            add = self.use_shortcut and linear.in_features == linear.out_features
            x = Layer.apply(x, linear.weight, linear.bias, add)
        return x


def print_gradients(model, x):
    with torch.enable_grad():
        error = 0.0 - model(x).squeeze()
        (error * error).backward()
    for name in model.state_dict():
        if "weight" in name:
            gradient = model.get_parameter(name).grad
            print("{} has gradient mean of {:.4f}".format(name, sum(abs(g) for g in gradient.flatten().tolist()) / gradient.numel()))
