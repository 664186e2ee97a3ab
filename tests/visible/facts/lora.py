"""What can be measured in a learner's LoRA layers, whatever else is wrong."""

from __future__ import annotations

import math
from collections.abc import Callable

from grader.checks import Port, fact
from tests.visible.adapters import RULES, measured_factor

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
