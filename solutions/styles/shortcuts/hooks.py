"""Hooks: torch adds the input after each layer that has one, and each gradient is measured when it arrives."""

from torch import nn


def add_input(layer, inputs, output):
    return inputs[0] + output


class ExampleDeepNeuralNetwork(nn.Module):
    def __init__(self, layer_sizes, use_shortcut):
        super().__init__()
        self.layers = nn.ModuleList()
        for k in range(5):
            layer = nn.Sequential(nn.Linear(layer_sizes[k], layer_sizes[k + 1]), nn.GELU("tanh"))
            if use_shortcut and layer_sizes[k] == layer_sizes[k + 1]:
                layer.register_forward_hook(add_input)
            self.layers.append(layer)

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x


def print_gradients(model, x):
    sizes = {}
    handles = []
    for name, parameter in model.named_parameters():
        if "weight" in name:
            handles.append(parameter.register_hook(lambda grad, name=name: sizes.update({name: grad.abs().mean()})))
    (model(x) ** 2).backward()
    for handle in handles:
        handle.remove()
    for name in sorted(sizes):
        print(name, sizes[name])
