"""PyTorch in three pieces: a small network, a dataset, and how often the network is right.

Not in this exercise: training, saving, GPUs.

Book: appendix A
"""

from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.utils.data import Dataset


class NeuralNetwork(nn.Module):
    """Three linear layers, with a ReLU after the first and after the second.

    Parameters: `layers.0.weight` `(30, num_inputs)`, `layers.2.weight` `(20, 30)`, `layers.4.weight`
    `(num_outputs, 20)`, and a bias for each of the three, with one number for each output of the layer.
    """

    def __init__(self, num_inputs: int, num_outputs: int) -> None:
        """Create the layers.

        Args:
            num_inputs: how many features an example has.
            num_outputs: how many classes there are.
        """
        super().__init__()
        raise NotImplementedError("`nn.Sequential` numbers its modules from 0, and a ReLU takes a number, too.")

    def forward(self, x: Tensor) -> Tensor:
        """Map `(batch, num_inputs)` to logits `(batch, num_outputs)`, which can be any numbers."""
        raise NotImplementedError("Send x through the layers, one after the other.")


class ToyDataset(Dataset[tuple[Tensor, Tensor]]):
    """Examples with their labels: `len(dataset)` of them, and `dataset[index]` is the pair `(features, label)`."""

    def __init__(self, X: Tensor, y: Tensor) -> None:
        """Keep the examples.

        Args:
            X: `(examples, features)`.
            y: the labels, int64 `(examples,)`.
        """
        raise NotImplementedError("Keep both.")

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        """Return an example `(features,)` and its label, for an index from 0 on."""
        raise NotImplementedError("Take the same row of both.")

    def __len__(self) -> int:
        """Return the number of examples."""
        raise NotImplementedError("Which dimension counts the examples?")


def compute_accuracy(model: nn.Module, dataloader: Iterable[tuple[Tensor, Tensor]]) -> float:
    """Return the share of examples for which the class with the largest logit is the label, from 0 to 1.

    The model runs in evaluation mode and without gradients.

    Args:
        model: maps features `(batch, num_inputs)` to logits `(batch, classes)`; it comes in any mode.
        dataloader: yields batches of features and labels, int64 `(batch,)`, at least one. They may differ in size, and
            some examples of a dataset may be in none of them, so count what comes.
    """
    raise NotImplementedError("Choose the mode, then count right predictions and examples in every batch.")
