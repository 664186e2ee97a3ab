"""The way that the learner's optimizer takes two weights down a narrow valley, next to torch's."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from grader.checks import Port
from grader.pictures import Curve, Curves, Picture
from tests.visible.optimizers import Run, Twin, row_of

START = {"a": row_of(1.0), "b": row_of(-1.0)}
STEEPNESS = {"a": 100.0, "b": 1.0}
"""How steep the valley is: what the weight is multiplied by to get its gradient."""
OPTIONS: dict[str, Any] = {"lr": 0.1, "betas": (0.8, 0.9), "weight_decay": 0.5}
STEPS = 24
TOLERANCE = 1e-3
ABOUT = (
    "Two weights with a loss of 50 a² + b²/2 go to 0. The gradients of a are 100 times as large as those of b, and yet "
    "both weights take steps of about the same length."
)


def pictures(learner: Port) -> list[Picture]:
    """Draw the two weights over the steps."""
    got, expected = _way(Run(learner, START, **OPTIONS)), _way(Twin(START, **OPTIONS))
    panels = tuple(_panel(title, way) for title, way in (("yours", got), ("expected", expected)))
    return [Picture("Down a narrow valley", panels, _wrong(got, expected), ABOUT)]


def _way(run: Run | Twin) -> list[dict[str, Tensor]]:
    """Return the weights before the first step, and after each."""
    way = [run.values()]
    for _ in range(STEPS):
        run.step({name: STEEPNESS[name] * value for name, value in way[-1].items()})
        way.append(run.values())
    return way


def _panel(title: str, way: list[dict[str, Tensor]]) -> Curves:
    curves = tuple(
        Curve(name, tuple((float(step), float(weights[name])) for step, weights in enumerate(way))) for name in START
    )
    return Curves(title, curves, x_label="step", y_label="weight")


def _wrong(got: list[dict[str, Tensor]], expected: list[dict[str, Tensor]]) -> tuple[str, ...]:
    for step in range(1, STEPS + 1):
        for name in START:
            moves = [float(way[step][name] - way[step - 1][name]) for way in (got, expected)]
            if not abs(moves[0] - moves[1]) <= TOLERANCE:
                return (f"step {step} moves {name} by {moves[0]:.3f}, expected {moves[1]:.3f}.",)
    return ()
