import torch
import torch.nn as nn
from torch.utils.data import Dataset


class NeuralNetwork(nn.Module):
    def __init__(self, num_inputs, num_outputs):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(num_inputs, 30),
            nn.ReLU(),
            nn.Linear(30, 20),
            nn.ReLU(),
            nn.Linear(20, num_outputs),
        )

    def forward(self, inputs):
        return self.layers(inputs)


class ToyDataset(Dataset):
    def __init__(self, X, y):
        self.X = X
        self.y = y

    def __getitem__(self, i):
        return self.X[i], self.y[i]

    def __len__(self):
        return len(self.y)


@torch.no_grad()
def compute_accuracy(model, dataloader):
    model.eval()
    accs = []
    for xb, yb in dataloader:
        preds = model(xb).argmax(dim=1)
        accs.append((preds == yb).float().mean().item())
    return sum(accs) / len(accs)
