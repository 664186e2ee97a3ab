import torch
from torch import nn

from .gpt_block import GELU


class ExampleDeepNeuralNetwork(nn.Module):
    def __init__(self, layer_sizes, use_shortcut):
        super().__init__()
        self.use_shortcut = use_shortcut
        self.layers = nn.ModuleList(
            nn.Sequential(nn.Linear(n_in, n_out), GELU()) for n_in, n_out in zip(layer_sizes[:-1], layer_sizes[1:])
        )

    def forward(self, x):
        for linear, gelu in self.layers:
            z = linear(x)
            if self.use_shortcut and z.shape == x.shape:
                z = z + x
            x = gelu(z)
        return x


def print_gradients(model, x):
    loss = nn.MSELoss()(model(x), torch.zeros(1, 1))
    loss.backward()
    for name, param in model.named_parameters():
        if "weight" in name:
            print(f"{name}: {param.grad.abs().mean().item()}")
