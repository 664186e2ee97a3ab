import torch
from torch.utils.data import Dataset

class NeuralNetwork(torch.nn.Module):
    def __init__(self, num_inputs, num_outputs):
        super().__init__()
        self.layers = torch.nn.Sequential(
            torch.nn.Linear(num_inputs, 30), torch.nn.ReLU(),
            torch.nn.Linear(30, 20), torch.nn.ReLU(),
            torch.nn.Linear(20, num_outputs))
    def forward(self, x):
        return self.layers(x)

class ToyDataset(Dataset):
    def __init__(self, X, y):
        self.features, self.labels = X, y
    def __getitem__(self, index):
        return self.features[index], self.labels[index]
    def __len__(self):
        return self.labels.shape[0]

def compute_accuracy(model, dataloader):
    model = model.eval()
    correct, total = 0.0, 0
    for features, labels in dataloader:
        with torch.no_grad():
            logits = model(features)
        compare = labels == torch.argmax(logits, dim=1)
        correct += torch.sum(compare)
        total += len(compare)
    return correct / total
