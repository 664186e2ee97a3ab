import torch
from torch.utils.data import Dataset


class NeuralNetwork(torch.nn.Module):
    """
    A multilayer perceptron with two hidden layers.

    num_inputs:  number of features
    num_outputs: number of classes
    """

    def __init__(self, num_inputs, num_outputs):
        super().__init__()
        layer_1 = torch.nn.Linear(num_inputs, 30)
        layer_2 = torch.nn.Linear(30, 20)
        layer_3 = torch.nn.Linear(20, num_outputs)
        relu = torch.nn.ReLU()
        self.layers = torch.nn.Sequential(layer_1, relu, layer_2, relu, layer_3)

    def forward(self, x):
        logits = self.layers(x)
        return logits


class ToyDataset(Dataset):
    """Features and labels of some examples."""

    def __init__(self, X, y):
        self.features = X
        self.labels = y

    def __getitem__(self, index):
        return self.features[index], self.labels[index]

    def __len__(self):
        return self.labels.shape[0]


def compute_accuracy(model, dataloader):
    """The fraction of right predictions."""
    model.eval()
    number_correct = 0
    number_of_examples = 0
    with torch.no_grad():
        for features, labels in dataloader:
            predictions = torch.argmax(model(features), dim=1)
            number_correct += torch.sum(predictions == labels).item()
            number_of_examples += len(labels)
    return round(number_correct / number_of_examples, 2)
