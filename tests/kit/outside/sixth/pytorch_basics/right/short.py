import torch
from torch.nn import Linear, Module, ReLU, Sequential
from torch.utils.data import TensorDataset

class NeuralNetwork(Module):
    def __init__(self, num_inputs, num_outputs):
        super().__init__()
        self.layers = Sequential(Linear(num_inputs, 30), ReLU(), Linear(30, 20), ReLU(), Linear(20, num_outputs))
    def forward(self, x): return self.layers(x)

class ToyDataset(TensorDataset):
    def __init__(self, X, y): super().__init__(X, y)

@torch.no_grad()
def compute_accuracy(model, dataloader):
    model.eval()
    good = n = 0
    for x, y in dataloader:
        for z, t in zip(model(x).tolist(), y.tolist()):
            good += z.index(max(z)) == t
            n += 1
    return good / n
