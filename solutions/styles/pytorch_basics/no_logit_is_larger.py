"""Ranks in place of an argmax: a prediction is right if no logit is larger than that of the label."""

import torch
from torch import nn
from torch.utils.data import Dataset


class NeuralNetwork(nn.Module):
    def __init__(self, num_inputs, num_outputs):
        super().__init__()
        self.layers = nn.Sequential()
        self.layers.append(nn.Linear(num_inputs, 30)).append(nn.ReLU())
        self.layers.append(nn.Linear(30, 20)).append(nn.ReLU())
        self.layers.append(nn.Linear(20, num_outputs))

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x


class ToyDataset(Dataset):
    def __init__(self, X, y):
        assert len(X) == len(y)
        self.examples = list(zip(X.unbind(0), y.unbind(0), strict=True))

    def __getitem__(self, index):
        return self.examples[index]

    def __len__(self):
        return len(self.examples)


def compute_accuracy(model, dataloader):
    model.eval()
    shares, sizes = [], []
    for features, labels in dataloader:
        with torch.no_grad():
            logits = model(features)
        of_label = logits.gather(1, labels[:, None])
        shares.append((logits <= of_label).all(dim=1).float().mean())
        sizes.append(float(len(labels)))
    weights = torch.tensor(sizes)
    return ((torch.stack(shares) * weights).sum() / weights.sum()).item()
