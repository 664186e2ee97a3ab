"""The learner's loss over what the policy has learned, and its log-probabilities of a text with several masks."""

from __future__ import annotations

import math

import torch

from grader.checks import Port
from grader.pictures import Bars, Curve, Curves, Level, Picture
from tests.visible.preferences import FLOAT64, ids_of, logprobs_of, loss_of, mask_of, numbers

BETAS = (0.1, 1.0)
MARGINS = range(-10, 11)
TOLERANCE = 1e-3
ABOUT_LOSS = (
    "The loss of one pair, over the difference of the log-ratios of policy and reference. At 0, the policy is like its "
    "reference. Beta says how steep the curve is."
)
ABOUT_MASKS = (
    "One text whose tokens have the probabilities 1/2, 1/4 and 1/8, and masks with an x for each token that is "
    "selected. The first token is never predicted, so its mark makes no difference."
)


def pictures(learner: Port) -> list[Picture]:
    """Draw the loss of a pair, and the log-probabilities of the same text with several masks."""
    return [_loss(learner), _masks(learner)]


def _loss(learner: Port) -> Picture:
    curves, wrong = [], []
    zero = numbers(0.0)
    for beta in BETAS:
        got = [loss_of(learner, numbers(margin), zero, zero, zero, beta=beta) for margin in MARGINS]
        expected = [math.log1p(math.exp(-beta * margin)) for margin in MARGINS]
        for whose, losses in (("yours", got), ("expected", expected)):
            points = tuple((float(margin), loss) for margin, loss in zip(MARGINS, losses, strict=True))
            curves.append(Curve(f"{whose}, beta {beta:g}", points))
        wrong += [
            f"beta {beta:g}, difference {margin}: your loss is {loss:.4f}, expected {right:.4f}."
            for margin, loss, right in zip(MARGINS, got, expected, strict=True)
            if not abs(loss - right) <= TOLERANCE
        ][:1]
    panel = Curves("Loss", tuple(curves), (Level("ln 2", math.log(2)),), "difference of log-ratios", "loss")
    return Picture("The loss of a pair", (panel,), tuple(wrong), ABOUT_LOSS)


def _masks(learner: Port) -> Picture:
    probabilities = (1 / 2, 1 / 4, 1 / 8)
    # Token 1 follows three times, and the last position predicts nothing.
    rows = [(math.log(1 - p), math.log(p)) for p in probabilities]
    logits = torch.tensor([[*rows, (0.0, 0.0)]], dtype=FLOAT64)
    masks = (".xxx", "xxxx", ".x..", ".xx.", "..xx")
    got, expected = [], []
    for mask in masks:
        got.append(float(logprobs_of(learner, logits, ids_of((0, 1, 1, 1)), mask_of(mask))))
        selected = [math.log(p) for p, mark in zip(probabilities, mask[1:], strict=True) if mark == "x"]
        expected.append(sum(selected) / len(selected))
    wrong = tuple(
        f"mask {mask}: your log-probability is {value:.4f}, expected {right:.4f}."
        for mask, value, right in zip(masks, got, expected, strict=True)
        if not abs(value - right) <= TOLERANCE
    )
    panels = (Bars("yours", masks, tuple(got)), Bars("expected", masks, tuple(expected)))
    return Picture("The mean of what is selected", panels, wrong, ABOUT_MASKS)
