import numpy as np
import torch
from torch import nn
from torch.utils.data import Dataset


class NeuralNetwork(nn.Module):
    def __init__(self, num_inputs, num_outputs):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(num_inputs, 30), nn.ReLU(),
            nn.Linear(30, 20), nn.ReLU(),
            nn.Linear(20, num_outputs))

    def forward(self, x):
        return self.layers(x)


class ToyDataset(Dataset):
    def __init__(self, X, y):
        self.X = torch.as_tensor(X)
        self.y = torch.as_tensor(y).float()

    def __len__(self):
        return len(self.X)

    def __getitem__(self, i):
        return self.X[i], self.y[i]


def compute_accuracy(model, dataloader):
    model.eval()
    predictions, targets = [], []
    with torch.no_grad():
        for X, y in dataloader:
            predictions.append(model(X).argmax(dim=1).numpy())
            targets.append(y.numpy())
    return float(np.mean(np.concatenate(predictions) == np.concatenate(targets)))
