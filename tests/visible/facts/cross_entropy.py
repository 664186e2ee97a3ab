"""What can be measured of a loss: which logits it takes, how large they may be, what its mean is over, its gradient."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F

from grader.checks import Port, expect_any_tensor, fact, values
from grader.port import LearnerRaised
from tests.visible.losses import IGNORED, ids_of, logits_of, loss_of, targets_for, torchs_gradient

CLOSE = 1e-4
VOCABULARY = 4


@fact(
    why="Logits come with one leading dimension, as rows, with two, as batches of texts, or with more.",
    hint="Which dimensions does your code name? Only the last one, the vocabulary, is always there.",
)
def the_dimensions(learner: Port) -> str | None:
    """Send logits with one, two and three leading dimensions."""
    raised: dict[tuple[int, ...], str] = {}
    worked = []
    for lead in ((3,), (2, 3), (2, 1, 3)):
        logits = values(*lead, VOCABULARY, seed=3)
        try:
            loss_of(learner, logits, targets_for(logits, 4))
            worked.append(lead)
        except LearnerRaised as error:
            raised[lead] = error.raised.types[0]
    for lead, kind in raised.items():
        if worked:
            return (
                f"For logits of shape {(*lead, VOCABULARY)} and targets of shape {lead}, your function raises {kind}; "
                f"for {(*worked[0], VOCABULARY)} and {worked[0]} it doesn't."
            )
    return None


@fact(
    why="exp(1000) is too large for a float, and exp(-1000) is 0. The loss itself is an ordinary number.",
    hint="What changes in a softmax if you subtract the same number from all logits of a row?",
)
def large_logits(learner: Port) -> str | None:
    """Send logits so large that an exponential or a probability is beyond what a float can be."""
    for rows, targets, expected, why in (
        (((1000.0, 1000.0),), (0,), math.log(2), "the exponential of 1000 is infinite"),
        (((-1000.0, -1000.0),), (0,), math.log(2), "the exponential of -1000 is 0"),
        (((0.0, 1000.0),), (0,), 1000.0, "the target's probability rounds to 0 before you take its logarithm"),
        (
            ((0.0, 0.0), (1000.0, 1000.0)),
            (0, 0),
            math.log(2),
            "next to a row with larger logits, the exponentials of a row become 0",
        ),
    ):
        got = loss_of(learner, logits_of(*rows), ids_of(*targets))
        if not math.isfinite(got):
            logits = ", ".join(str(list(row)) for row in rows)
            return f"For the logits {logits} and target 0, your loss is {got}, expected {expected:.4g}: {why}."
    return None


@fact(
    why="The loss is the mean over all targets that count, wherever they are: each weighs the same.",
    hint="Two texts have 3 and 1 targets that count. What do you divide the sum of the four by?",
)
def the_mean(learner: Port) -> str | None:
    """Ignore other numbers of targets in two rows, and find out what the loss is the mean of."""
    logits = values(2, 3, VOCABULARY, seed=5)
    targets = torch.tensor([[0, 2, 1], [3, IGNORED, IGNORED]])
    each = F.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="none")
    first, second = each[:3], each[3:4]
    got = loss_of(learner, logits, targets)
    if math.isclose(got, each.sum().item() / 4, rel_tol=CLOSE):
        return None
    names = {
        "their sum": each.sum().item(),
        "their sum divided by all 6 targets": each.sum().item() / 6,
        "the mean of the two texts' means": (first.mean() + second.mean()).item() / 2,
        "the sum of the two texts' means": (first.mean() + second.mean()).item(),
    }
    name = next((name for name, number in names.items() if math.isclose(got, number, rel_tol=CLOSE)), "")
    return (
        f"Of two texts with 3 and 1 targets that count, your loss is {name}, expected the mean of the 4."
        if name
        else None
    )


@fact(
    why="The gradient is what trains a model: a factor in it is a factor in the learning rate.",
    hint="What do you divide by in the forward direction, and in the backward direction?",
)
def the_gradient(learner: Port) -> str | None:
    """Compare the gradient of the logits with torch's, and see whether they differ by a factor."""
    logits, targets = values(3, VOCABULARY, seed=7), ids_of(1, 3, 0)
    got = learner.gradients("cross_entropy", logits, targets).inputs[0]
    if got is None:
        return "The logits get no gradient from your loss."
    ratio = expect_any_tensor(got) / torchs_gradient(logits, targets)
    factor = float(ratio.mean())
    if _is_one_number(ratio, factor) and abs(factor - 1) > CLOSE:
        return f"The gradient of the logits is {factor:.4g} times what it should be, in every row."
    return None


def _is_one_number(ratio: torch.Tensor, factor: float) -> bool:
    return bool(torch.isfinite(ratio).all()) and float((ratio - factor).abs().max()) < CLOSE * max(1.0, abs(factor))
