"""Gradients held against the learner's own forward pass: a wrong output does not also cost the gradient's points."""

from __future__ import annotations

from collections.abc import Mapping

import torch

from grader.checks.compare import expect_tensor
from grader.checks.draw import values
from grader.checks.failure import Cause, CheckFailure
from grader.checks.show import show_number
from grader.learner.plain import Plain
from grader.learner.port import Handle

STEP = 1e-3
AGREEMENT = 1e-5


def expect_gradients_fit_the_output(
    module: Handle, x: torch.Tensor, parameters: Mapping[str, torch.Tensor], seed: int = 0
) -> None:
    """Fail unless the gradients of the input and of each parameter are the slopes of the module's own output.

    Each is held against a difference quotient of fourth order along a random direction: with a step of 1e-3 in float64
    its error is about 1e-12, so that the agreement asked for, 1e-5, leaves room for steep functions and none for a
    forgotten term.

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
    places: dict[str, tuple[torch.Tensor, Plain]] = {"the input": (x, found.inputs[0])}
    places |= {name: (value, found.parameters.get(name)) for name, value in parameters.items()}
    for place, (name, (value, gradient)) in enumerate(places.items()):
        where = f"the gradient of {name}"
        if gradient is None:
            # What the output does not depend on has gradient zero, and that is right as far as this check goes.
            gradient = torch.zeros_like(value)
        if not isinstance(gradient, torch.Tensor):
            raise CheckFailure(Cause("type", str(gradient), "a gradient", where))
        if gradient.shape != value.shape:
            raise CheckFailure(Cause("shape", f"shape {tuple(gradient.shape)}", f"shape {tuple(value.shape)}", where))
        direction = values(*value.shape, seed=seed + 11 + place)

        def along(step: float, name: str = name, value: torch.Tensor = value, way: torch.Tensor = direction) -> float:
            moved = value + step * way
            if name == "the input":
                answer = module.set_parameters(parameters)(moved)
            else:
                answer = module.set_parameters({**parameters, name: moved})(x)
            return float((expect_tensor(answer, output.shape, output.dtype) * upstream).sum())

        slope = (8 * (along(STEP) - along(-STEP)) - (along(2 * STEP) - along(-2 * STEP))) / (12 * STEP)
        terms = gradient * direction
        size = max(1.0, abs(slope), float(terms.abs().sum()))
        if not abs(slope - float(terms.sum())) <= AGREEMENT * size:
            got = f"{show_number(float(terms.sum()))} along a test direction"
            due = f"{show_number(slope)}, by which the output changes along it"
            raise CheckFailure(Cause("value", got, due, where))
