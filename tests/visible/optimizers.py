"""What the checks of `adamw` share: a learner's optimizer with parameters to move, and torch's own next to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch

from grader.checks import Handle, Port, Tolerance, expect_equal, expect_same

FLOAT64 = torch.float64
CLOSE = Tolerance(3e-5, 1.0)
"""For parameters: moments and bias corrections may be computed in float32."""

Gradients = Mapping[str, torch.Tensor | None]


def row_of(*numbers: float) -> torch.Tensor:
    """Make a parameter, or a gradient, `(numbers,)`."""
    return torch.tensor(numbers, dtype=FLOAT64)


class Run:
    """A learner's AdamW and the parameters that it moves.

    Args:
        port: where to build the optimizer.
        start: the value that each parameter starts with, by name.
        groups: the parameters' names in each group, with the options of the group; by default, one group with all.
        options: the optimizer's arguments.
    """

    def __init__(
        self,
        port: Port,
        start: Mapping[str, torch.Tensor],
        groups: Sequence[tuple[Sequence[str], dict[str, Any]]] = (),
        **options: Any,
    ) -> None:
        self.port = port
        self.weights = port.probe("Weights", values=dict(start))
        params: Handle | list[dict[str, Any]] = self.weights.keep("named", *start)
        if groups:
            params = [{"params": self.weights.keep("named", *names), **own} for names, own in groups]
        self.optimizer = port.build("AdamW", params=params, **options)  # type: ignore[arg-type]

    def step(self, *gradients: Gradients) -> Run:
        """Take a step with each of these gradients, by name; a parameter without one has None."""
        for given in gradients:
            self.weights.keep("receive", dict(given))
            self.optimizer.keep("step")
        return self

    def change(self, group: int = 0, **options: Any) -> None:
        """Change options of a group, as a schedule for the learning rate does."""
        self.port.probe("param_group", optimizer=self.optimizer, index=group).keep("update", options)

    def loaded(self, **options: Any) -> Run:
        """Return a fresh run from here that has loaded the state of this one."""
        fresh = Run(self.port, self.values(), **options)
        fresh.optimizer.keep("load_state_dict", self.optimizer.keep("state_dict"))
        return fresh

    def values(self) -> dict[str, torch.Tensor]:
        """Return the parameters' values, by name."""
        return {name: parameter.value for name, parameter in self.weights.parameters().items()}

    def expect(self, expected: Mapping[str, torch.Tensor], when: str) -> None:
        """Fail unless these parameters have these values."""
        got = self.values()
        for name, value in expected.items():
            expect_equal(got[name], value, f"{name} {when}", dims=("number",) * value.dim(), tolerance=CLOSE)

    def expect_same(self, other: Mapping[str, torch.Tensor], when: str) -> None:
        """Fail unless these parameters have the values to which another run of the learner's optimizer moved them."""
        got = self.values()
        for name, value in other.items():
            expect_same(got[name], value, f"{name} {when}", dims=("number",) * value.dim(), tolerance=CLOSE)


class Twin:
    """torch's own AdamW, used like a `Run`, on this side."""

    def __init__(
        self,
        start: Mapping[str, torch.Tensor],
        groups: Sequence[tuple[Sequence[str], dict[str, Any]]] = (),
        **options: Any,
    ) -> None:
        self.parameters = {name: torch.nn.Parameter(value.clone()) for name, value in start.items()}
        groups = groups or [(list(start), {})]
        params = [{"params": [self.parameters[name] for name in names], **own} for names, own in groups]
        self.optimizer = torch.optim.AdamW(params, **options)

    def step(self, *gradients: Gradients) -> Twin:
        """Take a step with each of these gradients, by name; a parameter without one has None."""
        for given in gradients:
            for name, parameter in self.parameters.items():
                gradient = given.get(name)
                parameter.grad = None if gradient is None else gradient.clone()
            self.optimizer.step()
        return self

    def change(self, group: int = 0, **options: Any) -> None:
        """Change options of a group."""
        self.optimizer.param_groups[group].update(options)

    def values(self) -> dict[str, torch.Tensor]:
        """Return the parameters' values, by name."""
        return {name: parameter.detach().clone() for name, parameter in self.parameters.items()}


def expect_same_way(run: Run, other: Run | Twin, start: Mapping[str, torch.Tensor]) -> None:
    """Fail unless both went the same way from the start, even if it is a short one, as with the default rate."""
    ways = [{name: value - start[name] for name, value in each.values().items()} for each in (run, other)]
    for name in start:
        got, expected = (1000 * way[name] for way in ways)
        expect_equal(got, expected, f"1000 times the way that {name} went", tolerance=Tolerance(1e-3, 1.0))
