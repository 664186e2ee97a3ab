"""What the checks of `pytorch_basics` share: networks whose numbers are easy to follow, datasets, and loaders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch

from grader.checks import (
    Handle,
    Layer,
    Port,
    expect_any_tensor,
    expect_number,
    expect_parts,
    expect_tensor,
    sizes,
    values,
)

FLOAT64 = torch.float64
Batch = tuple[torch.Tensor, torch.Tensor]


def shapes_of(num_inputs: int, num_outputs: int) -> dict[str, tuple[int, ...]]:
    """Return the shapes of a network's parameters by name."""
    shapes: dict[str, tuple[int, ...]] = {}
    for number, d_in, d_out in ((0, num_inputs, 30), (2, 30, 20), (4, 20, num_outputs)):
        shapes |= {f"layers.{number}.weight": (d_out, d_in), f"layers.{number}.bias": (d_out,)}
    return shapes


NETWORK = Layer(
    build=lambda port, size: port.build(
        "NeuralNetwork", num_inputs=size["num_inputs"], num_outputs=size["num_outputs"]
    ),
    sizes={"batch": sizes(1, 3), "num_inputs": sizes(1, 4), "num_outputs": sizes(1, 4)},
    inputs=lambda size, seed: values(size["batch"], size["num_inputs"], seed=seed),
    shapes=lambda size: shapes_of(size["num_inputs"], size["num_outputs"]),
    output=lambda size: (size["batch"], size["num_outputs"]),
    dims=("row", "class"),
    changing=("batch",),
    random_start=True,
)


def chain_of(port: Port, *, weights: Sequence[float] = (1.0, 1.0, 1.0), biases: Sequence[float] = (0.0,) * 3) -> Handle:
    """Build a network with one input and one output in which only the first unit of each layer is used."""
    parameters = {name: torch.zeros(shape, dtype=FLOAT64) for name, shape in shapes_of(1, 1).items()}
    for number, weight, bias in zip((0, 2, 4), weights, biases, strict=True):
        parameters[f"layers.{number}.weight"][0, 0] = weight
        parameters[f"layers.{number}.bias"][0] = bias
    return NETWORK.built(port, {"batch": 1, "num_inputs": 1, "num_outputs": 1}, parameters)


def output_of(network: Handle, x: float) -> torch.Tensor:
    """Send one number through a network with one input and one output."""
    return expect_tensor(network(torch.tensor([[x]], dtype=FLOAT64)), (1, 1), FLOAT64)


def examples_of(count: int, num_features: int, seed: int = 0) -> Batch:
    """Draw examples `(count, num_features)` and their labels `(count,)`, in float32 and int64."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.randint(5, (count,), generator=generator)
    return values(count, num_features, seed=seed, dtype=torch.float32), labels


def item_of(dataset: Handle, index: int) -> tuple[torch.Tensor, float]:
    """Ask for an item of a dataset: its features, and its label as a number, whatever the type of that is."""
    features, label = expect_parts(dataset.call("__getitem__", index), ("features", "label"), f"item {index}")
    what = f"of item {index}"
    return expect_any_tensor(features, f"the features {what}"), expect_number(label, f"the label {what}")


def scored(classes: int, outcomes: Sequence[bool], seed: int = 0) -> Batch:
    """Draw a batch of logits without ties, and labels for which the prediction is right or wrong, as `outcomes` says.

    The probe `Scorer` returns its inputs as logits. Some are negative, and the label isn't always the same.
    """
    generator = torch.Generator().manual_seed(seed)
    rows = [torch.randperm(classes, generator=generator) for _ in outcomes]
    logits = torch.stack(rows).float() - classes / 2 + 0.25
    best = logits.argmax(dim=1)
    shift = torch.randint(1, classes, best.shape, generator=generator)
    labels = torch.where(torch.tensor(list(outcomes)), best, (best + shift) % classes)
    return logits, labels


def accuracy(port: Port, batches: Sequence[Batch], *, scorer: Handle | None = None) -> Any:
    """Have a learner compute the accuracy over some batches, of a model in evaluation mode if none is given."""
    model = port.probe("Scorer").eval() if scorer is None else scorer
    return port.call("compute_accuracy", model, port.probe("Loader", batches=list(batches)))


def accuracy_number(port: Port, batches: Sequence[Batch]) -> float:
    """Return the accuracy as a number, even if it is a tensor: another check looks at its type."""
    return expect_number(accuracy(port, batches), "the accuracy")


def passes(port: Port, key: str) -> list[Any]:
    """Run compute_accuracy over two batches, with a model that comes in training mode; list what each pass recorded."""
    scorer = port.probe("Scorer").train()
    batches = [scored(3, [True, False]), scored(3, [True], seed=1)]
    port.keep("compute_accuracy", scorer, port.probe("Loader", batches=batches))
    record: list[Mapping[str, Any]] = scorer.call("record")
    return [passed[key] for passed in record]
