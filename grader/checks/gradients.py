"""Compare gradients with the learner's own forward pass, so that a wrong output doesn't cost these points too."""

from __future__ import annotations

from collections.abc import Mapping

import torch

from grader.checks.compare import expect_tensor
from grader.checks.draw import values
from grader.checks.failure import Cause, CheckFailure
from grader.checks.replies import expect_any_tensor
from grader.checks.roughness import roughness
from grader.checks.show import show_number
from grader.port.port import Handle
from grader.wire.plain import Plain

STEP = 1e-3
AGREEMENT = 1e-5
COARSE_STEP = 2e-2
COARSE_AGREEMENT = 1e-3
"""How closely a slope over larger steps has to agree: as far as outputs that were computed in float32 tell it."""
THE_INPUT = "the input"
AT_ONCE = 1e-6
"""If the slope along all directions at once is off by no more than this, they are not tried one by one.

It is absolute, so that it is stricter than each single comparison, however large the other slopes are."""


def expect_gradients_fit_the_output(
    module: Handle, x: torch.Tensor, parameters: Mapping[str, torch.Tensor], seed: int = 0
) -> None:
    """Fail unless the gradients of the input and of each parameter are the slopes of the module's own output.

    Each is compared with a difference quotient of fourth order along a random direction. With a step of 1e-3 in float64
    its error is about 1e-12, so the tolerance of 1e-5 leaves room for steep functions but not for a forgotten term. If
    the slope along all directions at once agrees more closely than any single one has to, then each of them agrees:
    errors along random directions don't cancel. That takes a third of the calls; a function that is too steep for it
    needs the others as well. If parts of the module are computed in float32, steps that small drown in rounding; then,
    and only then, a gradient that doesn't agree is compared over larger steps before it counts as wrong.

    Args:
        module: a module in float64 and in evaluation mode, deterministic.
        x: the input, float64.
        parameters: the parameters' values, by name; this function sets them.
        seed: draws the directions.

    Raises:
        CheckFailure: a gradient is not the slope; a missing one counts as zero.
    """
    output = expect_any_tensor(module.set_parameters(parameters)(x))
    upstream = values(*output.shape, seed=seed + 7)
    gradients_of = module.gradients(x, upstream=upstream)
    points = {THE_INPUT: x, **parameters}
    gradients = {
        name: _fitting(name, gradients_of.inputs[0] if name == THE_INPUT else gradients_of.parameters.get(name), value)
        for name, value in points.items()
    }
    directions = {name: values(*value.shape, seed=seed + 11 + n) for n, (name, value) in enumerate(points.items())}

    def slope(*names: str, size: float = STEP) -> float:
        """Return the slope of the output along the directions of these inputs and parameters, from steps of a size."""

        def along(step: float) -> float:
            moved = {name: points[name] + step * directions[name] for name in names}
            moved_parameters = {name: moved.get(name, value) for name, value in parameters.items()}
            answer = module.set_parameters(moved_parameters)(moved.get(THE_INPUT, x))
            return float((expect_tensor(answer, output.shape, output.dtype) * upstream).sum())

        return (8 * (along(size) - along(-size)) - (along(2 * size) - along(-2 * size))) / (12 * size)

    terms = {name: gradients[name] * directions[name] for name in points}
    together = sum(float(term.sum()) for term in terms.values())
    if abs(slope(*points) - together) <= AT_ONCE:
        return
    for name in points:
        expected = slope(name)
        if _agree(expected, terms[name]):
            continue
        if not roughness() or not _agree(slope(name, size=COARSE_STEP), terms[name], COARSE_AGREEMENT):
            got = f"{show_number(float(terms[name].sum()))} along a test direction"
            text = f"{show_number(expected)}, the slope of the output in that direction"
            raise CheckFailure(Cause("value", got, text, _where(name)))


def _fitting(name: str, gradient: Plain, value: torch.Tensor) -> torch.Tensor:
    """Return a gradient if it has the shape of its input or parameter; zeros if there is none.

    Raises:
        CheckFailure: it has another shape, or is not a tensor.
    """
    if gradient is None:
        # The gradient is zero if the output doesn't depend on the value; this check accepts that.
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


def _agree(slope: float, terms: torch.Tensor, agreement: float = AGREEMENT) -> bool:
    """Say whether a slope is the sum of the gradient's terms along a direction, relative to their size."""
    size = max(1.0, abs(slope), float(terms.abs().sum()))
    return abs(slope - float(terms.sum())) <= agreement * size
