from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.data import Dataset


class NeuralNetwork(nn.Module):
    def __init__(self, num_inputs: int, num_outputs: int) -> None:
        super().__init__()
        # numbered as in a Sequential with an activation after each hidden layer
        self.layers = nn.ModuleDict({
            "0": nn.Linear(num_inputs, 30),
            "2": nn.Linear(30, 20),
            "4": nn.Linear(20, num_outputs),
        })

    def forward(self, x: Tensor) -> Tensor:
        for key in ("0", "2"):
            layer = self.layers[key]
            x = torch.clamp_min(F.linear(x, layer.weight, layer.bias), 0)
        return self.layers["4"](x)


class ToyDataset(Dataset):
    def __init__(self, X: Tensor, y: Tensor) -> None:
        self.pairs = list(zip(X, y, strict=True))

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        return self.pairs[index]

    def __len__(self) -> int:
        return len(self.pairs)


def compute_accuracy(model: nn.Module, dataloader) -> float:
    mode = model.training
    model.eval()
    try:
        with torch.inference_mode():
            hits = torch.cat([model(x).argmax(dim=-1) == y for x, y in dataloader])
    finally:
        model.train(mode)
    return hits.double().mean().item()
