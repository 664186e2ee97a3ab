"""Functions where others have modules, and one big batch at the end."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import Dataset


class NeuralNetwork(nn.Module):
    def __init__(self, num_inputs, num_outputs):
        super().__init__()
        self.layers = nn.ModuleList()
        for part in ((num_inputs, 30), (), (30, 20), (), (20, num_outputs)):
            self.layers.append(nn.Linear(*part) if part else nn.Identity())

    def forward(self, x):
        first, second, last = (self.layers[number] for number in (0, 2, 4))
        x = F.relu(F.linear(x, first.weight, first.bias))
        x = F.relu(torch.einsum("bi,oi->bo", x, second.weight) + second.bias)
        return x @ last.weight.T + last.bias


class ToyDataset(Dataset):
    def __init__(self, X, y):
        self.X, self.y = X.clone(), y.clone()

    def __getitem__(self, index):
        return [self.X.select(0, index), self.y.select(0, index)]

    def __len__(self):
        return self.X.size(0)


def compute_accuracy(model, dataloader):
    model.eval()
    with torch.no_grad():
        batches = [(model(x).numpy(), y.numpy()) for x, y in dataloader]
    logits, labels = (np.concatenate(parts) for parts in zip(*batches))
    return float(np.mean(logits.argmax(axis=1) == labels))
