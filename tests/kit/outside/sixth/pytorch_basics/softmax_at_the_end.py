from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset


class NeuralNetwork(nn.Module):
    """Two hidden layers; the outputs are class probabilities."""

    def __init__(self, num_inputs: int, num_outputs: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(num_inputs, 30),
            nn.ReLU(),
            nn.Linear(30, 20),
            nn.ReLU(),
            nn.Linear(20, num_outputs),
            nn.Softmax(dim=-1),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.layers(x)


class ToyDataset(Dataset):
    def __init__(self, X: Tensor, y: Tensor) -> None:
        assert len(X) == len(y)
        self.features = X
        self.labels = y

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        return self.features[index], self.labels[index]

    def __len__(self) -> int:
        return self.features.shape[0]


def compute_accuracy(model: nn.Module, dataloader: DataLoader) -> float:
    model.eval()
    correct = 0
    total = 0
    with torch.inference_mode():
        for features, labels in dataloader:
            predictions = model(features).argmax(dim=1)
            correct += int((predictions == labels).sum())
            total += labels.numel()
    return correct / total
