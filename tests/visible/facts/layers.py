"""What the facts about layers share: say what comes out of a module, and compare gradients with slopes."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence

import torch

from grader.checks import Handle, values
from grader.port import LearnerError
from grader.text import in_one_line

FLOAT64 = torch.float64
CLOSE = 1e-4


def show(numbers: torch.Tensor | Sequence[float]) -> str:
    """Write down a few numbers, as in (1, 2.5)."""
    flat = torch.as_tensor(numbers, dtype=FLOAT64).flatten().tolist()
    return f"({', '.join(f'{number:.4g}' for number in flat)})" if len(flat) > 1 else f"{flat[0]:.4g}"


def close(got: torch.Tensor, expected: torch.Tensor | float) -> bool:
    """Say whether numbers agree as far as float32 makes them; nan agrees with nothing."""
    return torch.allclose(got, torch.as_tensor(expected, dtype=got.dtype).expand_as(got), rtol=CLOSE, atol=CLOSE)


def alike(got: float, expected: float) -> bool:
    """Say whether two numbers agree as far as float32 makes them."""
    return math.isclose(got, expected, rel_tol=CLOSE, abs_tol=1e-9)


def answer(module: Handle, x: torch.Tensor) -> torch.Tensor | str:
    """Call a module that keeps shape and dtype; return its output, or in words what came instead."""
    try:
        got = module(x)
    except LearnerError as error:
        return f"raises {in_one_line(error)}"
    if not isinstance(got, torch.Tensor):
        return f"returns no tensor but {'None' if got is None else f'a {type(got).__name__}'}"
    if got.shape != x.shape:
        return f"returns shape {tuple(got.shape)}, expected {tuple(x.shape)}"
    if got.dtype != x.dtype:
        return f"returns {str(got.dtype)[6:]} for {str(x.dtype)[6:]}"
    return got


def output(module: Handle, x: torch.Tensor) -> torch.Tensor | None:
    """Return a module's output; None if it isn't a tensor of finite numbers with the shape and dtype of x."""
    got = answer(module, x)
    return None if isinstance(got, str) or not got.isfinite().all() else got


def difference(module: Handle, x: torch.Tensor, expected: torch.Tensor) -> str | None:
    """Say what a module does for x instead of the expected; None if it does that."""
    got = answer(module, x)
    if isinstance(got, str):
        return got
    if close(got, expected):
        return None
    wrong = ~torch.isclose(got, expected, rtol=CLOSE, atol=CLOSE).flatten()
    first = int(wrong.nonzero()[0]) // x.shape[-1] if x.dim() else 0
    rows = [part.reshape(-1, x.shape[-1] if x.dim() else 1)[first] for part in (x, got, expected)]
    return f"returns {show(rows[1])} for the vector {show(rows[0])}, expected {show(rows[2])}"


def name_of(numbers: Sequence[float], formulas: Mapping[str, Sequence[float]]) -> str:
    """Return the formula that gives all these numbers; an empty string if none does."""
    for name, others in formulas.items():
        if all(itertools.starmap(alike, zip(numbers, others, strict=True))):
            return name
    return ""


def wrong_gradient(module: Handle, x: torch.Tensor, parameters: Mapping[str, torch.Tensor]) -> str | None:
    """Say which gradient isn't the slope of the module's own output, for its last number and for a weighted sum.

    Slopes are central differences with steps so large that rounding in float32 doesn't matter. Each parameter and x
    moves in one direction first, and number by number only if that slope isn't the gradient's. Those without any
    gradient come first.
    """
    last = torch.zeros(x.numel(), dtype=FLOAT64)
    last[-1] = 1.0
    for loss, upstream in (
        ("the last output", last.view_as(x)),
        ("the sum of your outputs times 1, 2, …", torch.arange(1.0, x.numel() + 1, dtype=FLOAT64).view_as(x)),
    ):
        try:
            found = module.set_parameters(parameters).gradients(x, upstream=upstream)
        except LearnerError as error:
            return f"The backward pass raises {in_one_line(error)}."
        points = {**parameters, "x": x}
        gradients = {name: found.inputs[0] if name == "x" else found.parameters.get(name) for name in points}
        for name, value in sorted(points.items(), key=lambda point: gradients[point[0]] is not None):
            gradient = gradients[name]
            if gradient is not None and (not isinstance(gradient, torch.Tensor) or gradient.shape != value.shape):
                continue
            numbers = torch.zeros_like(value) if gradient is None else gradient
            whole = values(*value.shape, seed=5)
            for direction in (whole, *torch.eye(value.numel(), dtype=FLOAT64).view(-1, *value.shape)):
                slope, got = _slope(module, points, name, direction, upstream), float((numbers * direction).sum())
                if slope is None or abs(slope - got) < 2e-3 * max(1.0, abs(slope), float(upstream.max())):
                    if direction is whole:
                        break
                    continue
                if direction is not whole:
                    where = f"{name}{direction.nonzero()[0].tolist()}"
                    said = "no gradient arrives there" if gradient is None else f"your gradient is {got:.4g}"
                    return f"If {where} grows a little, {loss} changes {slope:.4g} times as much, but {said}."
    return None


def _slope(
    module: Handle, points: Mapping[str, torch.Tensor], name: str, direction: torch.Tensor, upstream: torch.Tensor
) -> float | None:
    sums = []
    for step in (-0.01, 0.01):
        moved = {**points, name: points[name] + step * direction}
        x = moved.pop("x")
        got = output(module.set_parameters(moved), x)
        if got is None:
            return None
        sums.append(float((got * upstream).sum()))
    return (sums[1] - sums[0]) / 0.02


def others(x: torch.Tensor) -> Iterator[tuple[str, torch.Tensor]]:
    """Change everything but the first token of the first text, part by part; x is `(batch, tokens, features)`."""
    for name, batch, tokens in (
        ("other tokens of its text", slice(0, 1), slice(1, None)),
        ("the tokens at its position in other texts", slice(1, None), slice(0, 1)),
        ("other tokens of other texts", slice(1, None), slice(1, None)),
    ):
        changed = x.clone()
        changed[batch, tokens] = 3.0 * changed[batch, tokens].flip(-1) + 1.0
        yield name, changed
