"""The learning rate at every step of a run, and how long the gradients are that its steps use."""

from __future__ import annotations

import torch

from grader.checks import Port
from grader.pictures import Curve, Curves, Level, Picture
from tests.visible.schedules import STILL, Scheduled, decay, gradients_of, norm_of, warm_up
from tests.visible.training import batches_of, steep_weights

EPOCHS, WARM_UP = 4, 4
BATCHES = batches_of((2, 3), (1, 4), (3, 2), (2, 2))
STEPS = EPOCHS * len(BATCHES)
INITIAL, PEAK, LOWEST = 0.1, 1.0, 0.05
ABOUT = (
    f"{STEPS} steps, {WARM_UP} of them warm-up. The second picture is about a model with large gradients: "
    "after the warm-up, their norm is at most 1. Step 4, the first after the warm-up, may be clipped or not."
)


def pictures(learner: Port) -> list[Picture]:
    """Draw the rates next to the expected ones, and the logarithm of the norm of each step's gradients."""
    run = Scheduled(learner, BATCHES, n_epochs=EPOCHS, warmup_steps=WARM_UP, lr=PEAK, initial_lr=INITIAL, min_lr=LOWEST)
    rates = run.rates()
    expected = torch.cat([warm_up(WARM_UP, INITIAL, PEAK), decay(STEPS - WARM_UP, PEAK, LOWEST)])
    curves = (_curve("your rate", rates), _curve("expected rate", expected))
    panel = Curves("Learning rate", curves, (Level("min_lr", LOWEST),), "step", "rate")
    wrong = _first_difference("learning rate", rates, expected)

    weights = steep_weights()
    steps = Scheduled(learner, BATCHES, n_epochs=EPOCHS, warmup_steps=WARM_UP, weights=weights, **STILL).steps()
    norms = torch.tensor([norm_of(step["gradients"]) for step in steps], dtype=torch.float64)
    whole = torch.tensor([norm_of(gradients_of(batch, weights)) for batch in BATCHES * EPOCHS], dtype=torch.float64)
    right = torch.cat([whole[:WARM_UP], torch.ones(STEPS - WARM_UP, dtype=torch.float64)])
    if len(norms) > WARM_UP:
        right[WARM_UP] = norms[WARM_UP]  # free
    logs = (_curve("your gradients", (norms + 1e-6).log10()), _curve("expected", right.log10()))
    clipping = Curves("Norm of the gradients, log10", logs, (Level("norm 1", 0.0),), "step", "log10 of the norm")
    return [
        Picture("Warm-up and decay", (panel,), wrong, ABOUT),
        Picture("Clipping", (clipping,), _first_difference("norm of the gradients", norms, right), ABOUT),
    ]


def _curve(name: str, values: torch.Tensor) -> Curve:
    return Curve(name, tuple((float(step), value) for step, value in enumerate(values.tolist())))


def _first_difference(what: str, got: torch.Tensor, expected: torch.Tensor) -> tuple[str, ...]:
    if len(got) != len(expected):
        return (f"your loop takes {len(got)} steps, expected {len(expected)}.",)
    for step, (value, right) in enumerate(zip(got.tolist(), expected.tolist(), strict=True)):
        if not abs(value - right) <= 1e-4 * abs(right):
            return (f"step {step}: {what}: got {value:.4g}, expected {right:.4g}.",)
    return ()
