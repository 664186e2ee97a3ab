import torch
from torch import nn


class FastGelu(nn.Module):
    c = 1.702

    def forward(self, z):
        return z / (1.0 + torch.exp(-self.c * z))


class ExampleDeepNeuralNetwork(nn.Module):
    def __init__(self, layer_sizes, use_shortcut):
        super().__init__()
        sizes = list(layer_sizes)
        layers = []
        for k in range(1, len(sizes)):
            layers.append(nn.Sequential(nn.Linear(sizes[k - 1], sizes[k]), FastGelu()))
        self.layers = nn.ModuleList(layers)
        self.skip = [float(use_shortcut and sizes[k - 1] == sizes[k]) for k in range(1, len(sizes))]

    def forward(self, x):
        h = x
        for layer, s in zip(self.layers, self.skip):
            out = layer(h)
            h = out + s * h if s else out
        return h


def print_gradients(model, x):
    named = [(n, p) for n, p in model.named_parameters() if n.find("weight") >= 0]
    error = torch.sum((model(x) - 0.0) ** 2)
    grads = torch.autograd.grad(error, [p for _, p in named])
    for (n, _), g in zip(named, grads):
        print(n, float(torch.mean(torch.abs(g))))
