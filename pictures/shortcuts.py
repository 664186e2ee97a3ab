"""What five of the learner's layers make of a number, with shortcuts and without, and the lines of print_gradients."""

from __future__ import annotations

import torch

from grader.checks import Port, expect_tensor
from grader.pictures import Bars, Curve, Curves, Picture
from tests.visible.networks import (
    FLOAT64,
    GELU_FORMS,
    LAYERS,
    WEIGHTS,
    closest,
    computed,
    gradient_means,
    network_of,
    number_in,
    printed_lines,
    shapes_of,
)

SINGLE = (1,) * 6
WEIGHT, X = 0.5, 2.0
CLOSE = 1e-3
ABOUT = (
    "Each of the five layers has one number, the weight 0.5 and no bias. With shortcuts, it's added to what comes in."
)


def pictures(learner: Port) -> list[Picture]:
    """Draw the output over the input, in both modes, and the printed numbers for a model without shortcuts."""
    x = torch.linspace(-4, 4, 33, dtype=FLOAT64)[:, None]
    curves, wrong = [], []
    for use_shortcut, label in ((True, "with shortcuts"), (False, "without")):
        network = network_of(learner, SINGLE, use_shortcut, weight=WEIGHT)
        got = expect_tensor(network(x), (33, 1), FLOAT64, finite=False)
        parameters = {name: torch.zeros(shape, dtype=FLOAT64) for name, shape in shapes_of(SINGLE).items()}
        parameters |= {name: torch.full((1, 1), WEIGHT, dtype=FLOAT64) for name in WEIGHTS}
        candidates = [computed(x, parameters, use_shortcut, form) for form in GELU_FORMS]
        expected = candidates[closest(got, candidates)]
        for whose, y in (("yours", got), ("expected", expected)):
            curves.append(Curve(f"{whose}, {label}", tuple(zip(x[:, 0].tolist(), y[:, 0].tolist(), strict=True))))
        worst = int((got - expected).abs().argmax())
        if not abs(float(got[worst] - expected[worst])) < CLOSE:
            numbers = f"got {float(got[worst]):.4f}, expected {float(expected[worst]):.4f}"
            wrong.append(f"{label}, at x = {float(x[worst]):.2f}: {numbers}.")
    network_picture = Picture("Five layers", (Curves("", tuple(curves), x_label="input"),), tuple(wrong), ABOUT)
    return [network_picture, _gradients(learner)]


def _gradients(learner: Port) -> Picture:
    widths = (2, 2, 2, 2, 2, 1)
    parameters = {
        name: torch.full(shape, -WEIGHT if name == WEIGHTS[0] else WEIGHT) for name, shape in shapes_of(widths).items()
    }
    x = torch.tensor([[X, -3 * X]])
    lines = printed_lines(learner, widths, parameters, x)
    got = [number_in(lines[name], name)[0] for name in WEIGHTS]
    expected = list(gradient_means(widths, parameters, x).values())
    labels = tuple(f"layer {k}" for k in LAYERS)
    panels = (Bars("yours", labels, tuple(got)), Bars("expected", labels, tuple(expected)))
    wrong = tuple(
        f"{name}: you print {printed:.4g}, but the mean of the gradient's absolute values is {right:.4g}."
        for name, printed, right in zip(WEIGHTS, got, expected, strict=True)
        if not abs(printed - right) <= 0.01 * right
    )
    return Picture("The lines of print_gradients", panels, wrong, "A bar for each weight of a model without shortcuts.")
