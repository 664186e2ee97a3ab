"""The learner's loss over the distance of the target's logit, and its losses of the lesson's rows."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F

from grader.checks import Port
from grader.pictures import Bars, Curve, Curves, Picture
from tests.visible.losses import FLOAT64, IGNORED, ids_of, logits_of, loss_of

DISTANCES = range(-200, 1001, 50)
TOLERANCE = 1e-3
ROWS = logits_of((1, 2, 5), (4, 4, 8), (9, 1, 6)).log()
"""The lesson's three positions."""
ABOUT_DISTANCE = (
    "The loss of one row with two logits. If the target's logit is above the other one, the loss is 0; the further it "
    "is below, the higher the loss, in a straight line. At 1,000 below, the target's probability rounds to 0."
)
ABOUT_ROWS = "The lesson's rows, each by itself and together. The target of row 2 is ignored, so it changes nothing."


def pictures(learner: Port) -> list[Picture]:
    """Draw the loss of a hopeless prediction, and the losses of the lesson."""
    return [_distance(learner), _rows(learner)]


def _distance(learner: Port) -> Picture:
    got = [loss_of(learner, torch.tensor([[0.0, distance]], dtype=FLOAT64), ids_of(0)) for distance in DISTANCES]
    expected = [math.log1p(math.exp(-abs(distance))) + max(distance, 0) for distance in DISTANCES]
    curves = tuple(
        Curve(label, tuple((float(x), y) for x, y in zip(DISTANCES, losses, strict=True)))
        for label, losses in (("yours", got), ("expected", expected))
    )
    panel = Curves("Loss in nats", curves, x_label="distance below the other logit", y_label="loss")
    wrong = [
        f"a target {distance} below the other token: your loss is {loss:.4g}, expected {right:.4g}."
        for distance, loss, right in zip(DISTANCES, got, expected, strict=True)
        if not abs(loss - right) <= TOLERANCE * max(1, right)
    ]
    return Picture("The price of being wrong", (panel,), tuple(wrong[:2]), ABOUT_DISTANCE)


def _rows(learner: Port) -> Picture:
    cases = (
        ("row 0", ROWS[:1], ids_of(2)),
        ("row 1", ROWS[1:2], ids_of(0)),
        ("rows 0, 1", ROWS[:2], ids_of(2, 0)),
        ("rows 0, 1, 2", ROWS, ids_of(2, 0, IGNORED)),
    )
    labels = tuple(label for label, _, _ in cases)
    got = tuple(loss_of(learner, logits, targets) for _, logits, targets in cases)
    expected = tuple(F.cross_entropy(logits, targets).item() for _, logits, targets in cases)
    wrong = tuple(
        f"{label}: your loss is {loss:.4f}, expected {right:.4f}."
        for label, loss, right in zip(labels, got, expected, strict=True)
        if not abs(loss - right) <= TOLERANCE
    )
    panels = (Bars("yours", labels, got), Bars("expected", labels, expected))
    return Picture("The loss is a mean over what counts", panels, wrong, ABOUT_ROWS)
