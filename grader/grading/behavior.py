"""How a submission fails, as digests that are equal if two submissions fail alike.

If no known mistake explains a failure, the submission's answers to the recorded cases of the exercise say how it
behaves. Two programs that do the same in different ways give nearly equal numbers, so numbers are rounded before they
go into a digest: to a step of about a thousandth of the largest number in an answer, which is much less than what a
mistake changes, and much more than what rounding does (`grader.tolerance` has the figures).

Two nearly equal numbers can still be on either side of where one step ends and the next begins. So there are three
digests, each with other steps, and two submissions behave alike if they share one of them. That all three miss takes
three such accidents at once.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

import torch

from grader.checks.outcome import Outcome
from grader.diagnosis import Case, Findings
from grader.diagnosis.answers import form
from grader.diagnosis.leaves import Leaf, SpreadLeaf, SumsLeaf
from grader.files import digest
from grader.grading.unnamed import is_about_names
from grader.tolerance import FLOAT32, tolerance_for
from grader.wire.plain import DTYPES

LENGTH = 8
"""The characters of a digest."""
STEP = 0.00141
"""The width of a step, as a share of a number's scale. It isn't a round number, because answers often are."""
GRIDS = ((0.5, 0.37), (0.7764, 0.61), (0.1180, 0.84))
"""For each digest, where the step around 0 begins, and at which numbers the scale doubles."""

_ANSWERS = ("got", "raised")
"""The rows with what the code did, in the smallest case that fails."""


def behavior(outcomes: Mapping[str, Outcome], answers: tuple[Sequence[Case], Findings] | None) -> tuple[str, ...]:
    """Describe how an exercise fails.

    Args:
        outcomes: what its checks found, by their ids, in the order of the course.
        answers: the recorded cases of the exercise, and the submission's answers to them; None if there are none.

    Returns:
        Three digests. They depend on which checks fail and on the answers. If the answers are incomplete, or all of
        them are right, they depend on what the code returned in the smallest failing case of each check.
    """
    failed = [f"{check} {outcome.status}" for check, outcome in outcomes.items() if _counts(outcome)]
    cases, findings = answers or ((), Findings())
    rows: list[str] = []
    if not findings.complete or not findings.wrong:
        rows = [f"{check} {text}" for check, outcome in outcomes.items() for text in _returned(outcome)]
    known = findings.answers if findings.complete else {}
    return tuple(
        digest(str(number), *failed, *rows, *_texts(cases, known, findings, number))[:LENGTH]
        for number in range(len(GRIDS))
    )


def _counts(outcome: Outcome) -> bool:
    """Say whether a check belongs to the description: it failed, and not because of names or a slip."""
    return outcome.status not in ("passed", "skipped") and not is_about_names(outcome.category, outcome.rows)


def _returned(outcome: Outcome) -> list[str]:
    return [
        line for row in outcome.rows if _counts(outcome) and row.kind in _ANSWERS for line in (row.kind, *row.lines)
    ]


def _texts(
    cases: Sequence[Case], answers: Mapping[int, Mapping[str, Leaf]], findings: Findings, grid: int
) -> Iterator[str]:
    """Write all answers, in steps of one grid."""
    for position in sorted(answers):
        case = cases[position]
        yield f"case {position}"
        if case.random:
            # Programs may draw in another order, so only whether the distribution is right can be compared.
            yield str(0 in findings.fits[position])
            continue
        for path, leaf in sorted(answers[position].items()):
            if path not in case.free:
                yield f"{path} {form(leaf) if path in case.loose else _text(leaf, grid)}"


def _text(leaf: Leaf, grid: int) -> str:
    """Write a value, with its numbers in steps."""
    match leaf:
        case torch.Tensor() if leaf.is_floating_point():
            numbers = leaf.detach().to(torch.float64).flatten()
            return f"{form(leaf)} {_in_steps(numbers, _scale(numbers, leaf.dtype), grid)}"
        case torch.Tensor():
            return f"{form(leaf)} {leaf.flatten().tolist()}"
        case float():
            number = torch.tensor([leaf], dtype=torch.float64)
            return f"float {_in_steps(number, max(abs(leaf), FLOAT32.floor) if math.isfinite(leaf) else 1.0, grid)}"
        case SumsLeaf():
            floor = tolerance_for(DTYPES[leaf.dtype.removeprefix("torch.")]).floor
            # Rounding adds to a sum in proportion to the root of the count.
            scale = max(leaf.largest, floor) * math.sqrt(math.prod(leaf.shape))
            return f"{form(leaf)} {leaf.not_finite} {_in_steps(leaf.sums, scale, grid)}"
        case SpreadLeaf():
            return str(form(leaf))
    return repr(leaf)


def _scale(numbers: torch.Tensor, dtype: torch.dtype) -> float:
    """Return the size of the largest finite number, or the floor of its tolerance if that is larger."""
    finite = numbers[torch.isfinite(numbers)]
    return max(float(finite.abs().max()) if finite.numel() else 0.0, tolerance_for(dtype).floor)


def _in_steps(numbers: torch.Tensor, scale: float, grid: int) -> list[int | str]:
    begin, doubling = GRIDS[grid]
    step = STEP * 2.0 ** math.floor(math.log2(scale) + doubling) if scale > 0 else STEP
    return [math.floor(number / step + begin) if math.isfinite(number) else repr(number) for number in numbers.tolist()]
