import torch
from torch.utils.data import Dataset


class NeuralNetwork(torch.nn.Module):
    def __init__(self, num_inputs, num_outputs):
        super().__init__()
        self.layers = torch.nn.Sequential(
            torch.nn.Linear(num_inputs, 30),
            torch.nn.ReLU(),
            torch.nn.Linear(30, 20),
            torch.nn.ReLU(),
            torch.nn.Linear(20, num_outputs),
        )

    def forward(self, x):
        return self.layers(x)


class ToyDataset(Dataset):
    def __init__(self, X, y):
        # networks learn faster on standardised inputs
        mean = X.mean(dim=0, keepdim=True)
        std = X.std(dim=0, keepdim=True)
        self.features = (X - mean) / (std + 1e-8)
        self.labels = y

    def __getitem__(self, index):
        return self.features[index], self.labels[index]

    def __len__(self):
        return len(self.labels)


def compute_accuracy(model, dataloader):
    model.eval()
    right = 0
    seen = 0
    for features, labels in dataloader:
        with torch.no_grad():
            predicted = model(features).argmax(dim=1)
        right += (predicted == labels).sum().item()
        seen += predicted.shape[0]
    return right / seen
