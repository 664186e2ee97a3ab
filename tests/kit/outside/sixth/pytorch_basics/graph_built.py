import torch
import torch.nn as nn
from torch.utils.data import Dataset


class NeuralNetwork(nn.Module):
    def __init__(self, num_inputs, num_outputs):
        super().__init__()
        self.num_inputs = num_inputs
        self.num_outputs = num_outputs
        self.layers = nn.Sequential(
            nn.Linear(self.num_inputs, 30),
            nn.ReLU(),
            nn.Linear(30, 20),
            nn.ReLU(),
            nn.Linear(20, self.num_outputs),
        )

    def forward(self, x):
        return self.layers(x)


class ToyDataset(Dataset):
    def __init__(self, X, y):
        super().__init__()
        self.features = X
        self.labels = y

    def __len__(self):
        return self.features.size(0)

    def __getitem__(self, index):
        x = self.features[index]
        y = self.labels[index]
        return x, y


def compute_accuracy(model, dataloader):
    model.eval()   # no gradients, no dropout
    correct = 0
    total = 0
    for features, labels in dataloader:
        logits = model(features)
        predictions = logits.argmax(dim=1)
        correct += (predictions == labels).sum().item()
        total += labels.size(0)
    return correct / total
