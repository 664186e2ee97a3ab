import torch
from torch import nn


class NeuralNetwork(nn.Module):
    def __init__(self, num_inputs, num_outputs):
        super().__init__()
        self.layers = nn.Sequential()
        self.layers.append(nn.Linear(num_inputs, 30))
        self.layers.append(nn.ReLU())
        self.layers.append(nn.Linear(30, 20))
        self.layers.append(nn.ReLU())
        self.layers.append(nn.Linear(20, num_outputs))

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x.squeeze()


class ToyDataset:
    def __init__(self, X, y):
        self.X = X
        self.y = y

    def __getitem__(self, index):
        if index >= len(self):
            raise IndexError(index)
        return self.X[index], self.y[index]

    def __len__(self):
        return self.y.shape[0]


def compute_accuracy(model, dataloader):
    model.eval()
    n_correct = 0
    n_examples = 0
    for features, labels in dataloader:
        with torch.no_grad():
            logits = model(features)
        for row, label in zip(logits.reshape(len(labels), -1), labels):
            n_correct += int(row.argmax() == label)
            n_examples += 1
    return n_correct / n_examples
