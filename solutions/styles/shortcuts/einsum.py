"""The products written as einsum, and a shortcut as a product with 1 or 0 if shapes allow it."""

import torch
from torch import nn
from torch.nn import functional as F


class ExampleDeepNeuralNetwork(nn.Module):
    def __init__(self, layer_sizes, use_shortcut=False):
        super().__init__()
        self.keep = float(use_shortcut)
        widths = iter(layer_sizes)
        d_in = next(widths)
        layers = []
        for d_out in widths:
            layers.append(nn.Sequential(nn.Linear(d_in, d_out)))
            d_in = d_out
        self.layers = nn.ModuleList(layers)

    def forward(self, x):
        for (linear,) in self.layers:
            before = torch.einsum("bi,oi->bo", x, linear.weight) + linear.bias
            after = before * 0.5 * (1 + torch.erf(before / 2**0.5))
            x = torch.add(after, x, alpha=self.keep) if after.size(1) == x.size(1) else after
        return x


def print_gradients(model, x):
    output = model(x)
    output.backward(gradient=2 * output.detach())
    for name, parameter in filter(lambda pair: "weight" in pair[0], model.named_parameters()):
        size = F.l1_loss(parameter.grad, torch.zeros_like(parameter))
        print(f"mean |gradient| of {name} = {size.item()!r}")
