"""The learner's factor for several ranks, and which linear layers of a small model get an A and a B."""

from __future__ import annotations

from grader.checks import Port
from grader.learner.probes import Nested
from grader.pictures import Bars, Picture
from tests.visible.adapters import linear_layers, measured_factor, replace, rule_of, shapes_after

ALPHA, RANKS = 4, (1, 2, 4, 8)
PARTS = {"att": {"W_query": (4, 4), "out_proj": (4, 4)}, "ff": [(4, 16), "tanh", (16, 4)], "out_head": (4, 10, False)}
RANK = 2
CLOSE = 1e-4
ABOUT_THE_FACTOR = "What x A B is multiplied by, for alpha 4. Both alpha and alpha / rank are right."
ABOUT_LAYERS = "How many numbers A and B have next to each linear layer of a small model, for rank 2."


def pictures(learner: Port) -> list[Picture]:
    """Draw the factor by rank, and the number of new parameters by layer."""
    return [_factors(learner), _new_parameters(learner)]


def _factors(learner: Port) -> Picture:
    name, rule = rule_of(learner)
    got = tuple(measured_factor(learner, rank, ALPHA) for rank in RANKS)
    expected = tuple(float(rule(rank, ALPHA)) for rank in RANKS)
    labels = tuple(f"rank {rank}" for rank in RANKS)
    panels = (Bars("yours", labels, got), Bars(f"expected, with {name}", labels, expected))
    wrong = tuple(
        f"{label}: your factor is {factor:.4g}, but should be {right:.4g}."
        for label, factor, right in zip(labels, got, expected, strict=True)
        if not abs(factor - right) < CLOSE
    )
    return Picture("The factor", panels, wrong, ABOUT_THE_FACTOR)


def _new_parameters(learner: Port) -> Picture:
    model, twin = learner.probe("Nested", parts=PARTS), Nested(PARTS)
    replace(learner, model, RANK, ALPHA)
    names = tuple(linear_layers(twin))
    after = {name: info.value.numel() for name, info in model.parameters().items()}
    sizes = {name: shape[0] * shape[-1] for name, shape in shapes_after(twin, RANK).items() if ".lora." in name}
    got = tuple(float(sum(after.get(f"{name}.lora.{matrix}", 0) for matrix in "AB")) for name in names)
    expected = tuple(float(sum(sizes[f"{name}.lora.{matrix}"] for matrix in "AB")) for name in names)
    panels = (Bars("yours", names, got), Bars("expected", names, expected))
    wrong = tuple(
        f"{name}: A and B have {count:.0f} numbers, but should have {right:.0f}."
        for name, count, right in zip(names, got, expected, strict=True)
        if count != right
    )
    return Picture("New parameters", panels, wrong, ABOUT_LAYERS)
