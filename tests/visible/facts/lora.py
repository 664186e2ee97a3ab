"""What can be measured in a learner's LoRA layers, whatever else is wrong."""

from __future__ import annotations

import math
from collections.abc import Callable

from grader.checks import Port, fact
from tests.visible.adapters import LORA, RULES, measured_factor, replace

ALPHA = 3
RANKS = (1, 2, 4)
OTHERS: dict[str, Callable[[int], float]] = {
    "1, whatever alpha and the rank are": lambda rank: 1,
    "1 / rank": lambda rank: 1 / rank,
    "alpha squared": lambda rank: ALPHA**2,
    "alpha squared / rank": lambda rank: ALPHA**2 / rank,
    "alpha / sqrt(rank)": lambda rank: ALPHA / math.sqrt(rank),
    "alpha / rank squared": lambda rank: ALPHA / rank**2,
    "alpha // rank": lambda rank: ALPHA // rank,
    "alpha * rank": lambda rank: ALPHA * rank,
    "rank / alpha": lambda rank: rank / ALPHA,
    "rank": lambda rank: rank,
    "sqrt(alpha)": lambda rank: math.sqrt(ALPHA),
}


PARTS = {"layer": (2, 3, True)}
"""A model with a single linear layer."""


@fact(
    why="An optimizer trains what a module lists as its parameters, and only that is saved.",
    hint="Print `[name for name, _ in LoRALayer(3, 2, 1, 1).named_parameters()]`.",
)
def the_matrices(learner: Port) -> str | None:
    """List the parameters of a LoRA layer."""
    layer = LORA.build(learner, {"in_dim": 3, "out_dim": 2, "rank": 1, "alpha": 1})
    shapes = {name: tuple(info.value.shape) for name, info in layer.parameters().items()}
    if shapes == {"A": (3, 1), "B": (1, 2)}:
        return None
    listed = ", ".join(f"{name} {shape}" for name, shape in shapes.items()) or "none"
    return f"The parameters of LoRALayer(3, 2, rank=1, alpha=1) are: {listed}; expected: A (3, 1), B (1, 2)."


@fact(
    why="LoRA trains A and B. Whoever calls the function freezes the rest before, and it stays frozen.",
    hint="Is the linear layer inside the one that was there, or a new one?",
)
def what_is_frozen(learner: Port) -> str | None:
    """Freeze a model, replace its layer, and see which parameters are trained."""
    for frozen in (True, False):
        model = learner.probe("Nested", parts=PARTS)
        if frozen:
            model.call("requires_grad_", False)
        replace(learner, model, 1, 1)
        for name, info in model.parameters().items():
            if ".lora." in name and not info.trainable:
                return f"{name} is frozen, so it's never trained."
            if ".lora." not in name and info.trainable == frozen:
                now = "frozen" if not info.trainable else "trainable"
                before = "frozen" if frozen else "trainable"
                return f"{name} was {before} before `replace_linear_with_lora`, and is {now} after it."
    return None


@fact(
    why="The factor is alpha, or alpha / rank; it's up to you which, but for every rank the same.",
    hint="Send 1 through a layer with in_dim=1 and out_dim=1, and with ones in A and B. What comes out?",
)
def the_factor(learner: Port) -> str | None:
    """Measure the factor for three ranks, and find the formula that gives it."""
    measured = [measured_factor(learner, rank, ALPHA) for rank in RANKS]

    def fits(formula: Callable[[int], float]) -> bool:
        return all(abs(got - formula(rank)) < 1e-4 for got, rank in zip(measured, RANKS, strict=True))

    if any(fits(lambda rank, rule=rule: rule(rank, ALPHA)) for rule in RULES.values()):  # type: ignore[misc]
        return None
    numbers = ", ".join(f"{factor:.4g}" for factor in measured)
    names = [name for name, formula in OTHERS.items() if fits(formula)]
    formula_of = f" That is {names[0]}." if names else ""
    return f"For alpha 3 and ranks 1, 2 and 4, your factors are {numbers}.{formula_of}"
