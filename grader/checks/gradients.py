"""Gradients held against the learner's own forward pass: a wrong output does not also cost the gradient's points."""

from __future__ import annotations

from collections.abc import Mapping

import torch

from grader.checks.compare import expect_tensor
from grader.checks.draw import values
from grader.checks.failure import Cause, CheckFailure
from grader.checks.show import show_number
from grader.port.port import Handle
from grader.wire.plain import Plain

STEP = 1e-3
AGREEMENT = 1e-5
THE_INPUT = "the input"
AT_ONCE = 1e-6
"""How far the slope along all directions at once may be off for them not to be tried one by one: not relative to any
size, so that it asks for more than each of them does, however large the others are."""


def expect_gradients_fit_the_output(
    module: Handle, x: torch.Tensor, parameters: Mapping[str, torch.Tensor], seed: int = 0
) -> None:
    """Fail unless the gradients of the input and of each parameter are the slopes of the module's own output.

    Each is held against a difference quotient of fourth order along a random direction: with a step of 1e-3 in float64
    its error is about 1e-12, so that the agreement asked for, 1e-5, leaves room for steep functions and none for a
    forgotten term. Where the slope along all directions at once agrees more closely than any single one has to, each
    does: errors along random directions do not cancel. That is a third of the calls; a function too steep for it costs
    the others too.

    Args:
        module: a module in float64 and in evaluation mode, deterministic.
        x: the input, float64.
        parameters: the parameters' values, by name; they are set here.
        seed: draws the directions.

    Raises:
        CheckFailure: a gradient is not the slope; one that did not arrive counts as zero.
    """
    output = module.set_parameters(parameters)(x)
    if not isinstance(output, torch.Tensor):
        raise CheckFailure(Cause("type", type(output).__name__, "a tensor", "the output is not a tensor"))
    upstream = values(*output.shape, seed=seed + 7)
    found = module.gradients(x, upstream=upstream)
    places = {THE_INPUT: x, **parameters}
    gradients = {
        name: _fitting(name, found.inputs[0] if name == THE_INPUT else found.parameters.get(name), value)
        for name, value in places.items()
    }
    directions = {name: values(*value.shape, seed=seed + 11 + n) for n, (name, value) in enumerate(places.items())}

    def slope(*names: str) -> float:
        """Return by how much the output changes along the directions of some places."""

        def along(step: float) -> float:
            moved = {name: places[name] + step * directions[name] for name in names}
            own = {name: moved.get(name, value) for name, value in parameters.items()}
            answer = module.set_parameters(own)(moved.get(THE_INPUT, x))
            return float((expect_tensor(answer, output.shape, output.dtype) * upstream).sum())

        return (8 * (along(STEP) - along(-STEP)) - (along(2 * STEP) - along(-2 * STEP))) / (12 * STEP)

    terms = {name: gradients[name] * directions[name] for name in places}
    together = sum(float(term.sum()) for term in terms.values())
    if abs(slope(*places) - together) <= AT_ONCE:
        return
    for name in places:
        due = slope(name)
        if not _agree(due, terms[name]):
            got = f"{show_number(float(terms[name].sum()))} along a test direction"
            told = f"{show_number(due)}, the slope of the output in that direction"
            raise CheckFailure(Cause("value", got, told, _where(name)))


def _fitting(name: str, gradient: Plain, value: torch.Tensor) -> torch.Tensor:
    """Return a gradient that has the shape of what it is the gradient of.

    Raises:
        CheckFailure: it has not.
    """
    if gradient is None:
        # What the output does not depend on has gradient zero, and that is right as far as this check goes.
        return torch.zeros_like(value)
    if not isinstance(gradient, torch.Tensor):
        raise CheckFailure(Cause("type", str(gradient), "a gradient", _where(name)))
    if gradient.shape != value.shape:
        raise CheckFailure(
            Cause("shape", f"shape {tuple(gradient.shape)}", f"shape {tuple(value.shape)}", _where(name))
        )
    return gradient


def _where(name: str) -> str:
    return f"the gradient of {name}"


def _agree(slope: float, terms: torch.Tensor) -> bool:
    """Say whether a slope is the sum of the gradient's terms along a direction, relative to their size."""
    size = max(1.0, abs(slope), float(terms.abs().sum()))
    return abs(slope - float(terms.sum())) <= AGREEMENT * size
