"""What the facts of `training_loop` measure with: chosen logits, losses by torch, and what a gradient is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import torch
import torch.nn.functional as F

from grader.checks import Handle, Port
from grader.learner.probes import LanguageModel
from grader.port import LearnerRaised
from tests.visible.training import Batch, options_of

FLOAT64 = torch.float64
Weights = Mapping[str, torch.Tensor]


def raises(function: str, cases: Iterable[tuple[str, Callable[[], object]]]) -> str | None:
    """Try the cases, the smallest first, and say in which of them a function raises an exception."""
    failed: list[tuple[str, str]] = []
    worked: list[str] = []
    for name, ask in cases:
        try:
            ask()
        except LearnerRaised as error:
            failed.append((name, str(error).partition(":")[0]))
        else:
            worked.append(name)
    if not failed:
        return None
    name, kind = failed[0]
    return f"`{function}` raises {kind} with {name}" + (f", and works with {worked[0]}." if worked else ".")


def near(got: Sequence[float], expected: Sequence[float]) -> bool:
    """Say whether all numbers are as expected, up to what float32 may change."""
    if len(got) != len(expected):
        return False
    first, second = torch.tensor(got, dtype=FLOAT64), torch.tensor(expected, dtype=FLOAT64)
    return torch.allclose(first, second, rtol=2e-5, atol=2e-6, equal_nan=True)


def named(got: Sequence[float], known: Mapping[str, Sequence[float]]) -> str:
    """Return the name of the numbers that came, or an empty string."""
    return next((name for name, numbers in known.items() if near(got, numbers)), "")


def listed(numbers: Iterable[float]) -> str:
    """Write numbers with four digits."""
    return ", ".join(f"{number:.4g}" for number in numbers)


def speaker(port: Port, logits: torch.Tensor) -> Handle:
    """Create a model whose logits after the id i are row i of `logits`, wherever it is."""
    size = len(logits)
    model = port.probe("LanguageModel", vocab_size=size, emb_dim=size, context_length=8, tilt=0.0, seed=0).double()
    # tanh(30) is 1, so that each id's hidden vector is one-hot.
    embeddings = {
        "tok_emb.weight": 30 * torch.eye(size, dtype=FLOAT64),
        "pos_emb.weight": torch.zeros(8, size, dtype=FLOAT64),
    }
    return model.set_parameters(embeddings | {"out_head.weight": logits.T.contiguous()})


def twin(weights: Weights | None = None, *, training: bool = True, tilt: float = 0.0, seed: int = 0) -> LanguageModel:
    """Create a model like the checks' own on this side, with other weights if you like."""
    model = LanguageModel(**options_of(tilt=tilt, seed=seed)).double().train(training)
    if weights is not None:
        model.load_state_dict(dict(weights))
    return model


def losses(batches: Sequence[Batch], model: LanguageModel) -> list[float]:
    """Return each batch's loss, by torch."""
    with torch.no_grad():
        return [float(F.cross_entropy(model(x).flatten(0, 1), y.flatten())) for x, y in batches]


def mean(numbers: Sequence[float]) -> float:
    """Return the mean."""
    return sum(numbers) / len(numbers)


def gradient(batch: Batch, weights: Weights | None = None) -> dict[str, torch.Tensor]:
    """Return the gradient of a batch's loss, by torch."""
    model = twin(weights)
    loss = F.cross_entropy(model(batch[0]).flatten(0, 1), batch[1].flatten())
    names, parameters = zip(*model.named_parameters(), strict=True)
    return dict(zip(names, torch.autograd.grad(loss, parameters), strict=True))


def parts(got: torch.Tensor, basis: Sequence[torch.Tensor]) -> list[float] | None:
    """Split a gradient into multiples of other tensors; None if it isn't made of them."""
    matrix, vector = torch.stack([item.flatten() for item in basis], dim=1), got.flatten().double()
    if not vector.isfinite().all():
        return None
    solution = torch.linalg.lstsq(matrix, vector[:, None]).solution
    rest = (matrix @ solution)[:, 0] - vector
    if float(rest.norm()) > 1e-4 * max(float(vector.norm()), float(matrix.norm()) * 1e-2):
        return None
    return [0.0 if abs(factor) < 1e-4 else float(factor) for factor in solution[:, 0]]


def sum_of(factors: Sequence[float], names: Sequence[str]) -> str:
    """Write a sum such as "that of batch 0 plus 0.5 times that of batch 1"."""
    terms = [
        f"that of {name}" if abs(factor - 1) < 1e-3 else f"{factor:.4g} times that of {name}"
        for factor, name in zip(factors, names, strict=True)
        if factor
    ]
    return " plus ".join(terms) or "0"


def numbers_in(values: Any) -> list[float] | None:
    """Return the numbers of a list, even if they came as tensors; None if something else is in it."""
    if not isinstance(values, (list, tuple)):
        return None
    if not all(
        type(value) in (int, float) or (isinstance(value, torch.Tensor) and value.numel() == 1) for value in values
    ):
        return None
    return [float(value) for value in values]
