"""Torch's own dataset, and a Sequential by inheritance."""

import torch
from torch import nn
from torch.utils.data import TensorDataset


class NeuralNetwork(nn.Module):
    def __init__(self, num_inputs, num_outputs):
        super().__init__()
        layers = []
        for width in (30, 20):
            layers += [nn.Linear(num_inputs, width), nn.ReLU()]
            num_inputs = width
        self.layers = nn.Sequential(*layers, nn.Linear(num_inputs, num_outputs))
        for layer in self.layers[::2]:
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, x):
        return self.layers(x)


class ToyDataset(TensorDataset):
    def __init__(self, X, y):
        super().__init__(X, y)


def compute_accuracy(model, dataloader):
    model.train(False)
    torch.set_grad_enabled(False)
    try:
        hits, total = torch.zeros((), dtype=torch.int64), 0
        for features, labels in dataloader:
            chosen = model(features).topk(1, dim=1).indices[:, 0]
            hits += torch.count_nonzero(chosen == labels)
            total += labels.numel()
    finally:
        torch.set_grad_enabled(True)
    return float(hits) / total
