import torch
from torch import nn
from torch.utils.data import Dataset

HIDDEN = (20, 30)


class NeuralNetwork(nn.Module):
    def __init__(self, num_inputs, num_outputs):
        super().__init__()
        widths = (num_inputs, *HIDDEN, num_outputs)
        parts = []
        for n_in, n_out in zip(widths, widths[1:]):
            parts += [nn.Linear(n_in, n_out), nn.ReLU()]
        self.layers = nn.Sequential(*parts[:-1])

    def forward(self, x):
        return self.layers(x)


class ToyDataset(Dataset):
    def __init__(self, X, y):
        self.X, self.y = X, y

    def __getitem__(self, index):
        return self.X[index], self.y[index]

    def __len__(self):
        return len(self.y)


@torch.no_grad()
def compute_accuracy(model, dataloader):
    model.eval()
    hits, n = 0, 0
    for X, y in dataloader:
        hits += (model(X).argmax(dim=-1) == y).sum().item()
        n += len(y)
    return hits / n
