import torch
import torch.nn as nn
import torch.nn.functional as F


class Gelu(nn.Module):
    def forward(self, x):
        return F.gelu(x, approximate="tanh")


class ExampleDeepNeuralNetwork(nn.Module):
    def __init__(self, layer_sizes, use_shortcut):
        super().__init__()
        self.use_shortcut = use_shortcut
        self.n = len(layer_sizes) - 1
        self.layers = nn.ModuleList()
        for i in range(self.n):
            linear = nn.Linear(layer_sizes[i], layer_sizes[i + 1])
            gelu = Gelu()
            self.layers.append(nn.Sequential(linear, gelu))

    def forward(self, x):
        for i in range(self.n):
            out = self.layers[i](x)
            if self.use_shortcut == True:
                if out.shape == x.shape or out.shape[-1] == 1:
                    out = out + x
            x = out
        return x


def print_gradients(model, x):
    out = model(x)
    loss = F.mse_loss(out, torch.zeros_like(out))
    loss.backward()
    for name, p in model.named_parameters():
        if "weight" in name:
            mean = p.grad.abs().sum() / p.grad.numel()
            print("mean gradient of", name, "=", mean.item())
