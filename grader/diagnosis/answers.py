"""Answers to a case, in a form that can be compared and recorded.

An answer is a flat dictionary from paths to leaves. A path such as `0.2[1]` names the exchange, the request in it, and
the position in its reply; `leaves` has the kinds of leaves. Values that are None are left out. If a tensor has many
numbers, only a few weighted sums of them are kept.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Sequence, Set
from typing import TypeAlias

import numpy as np
import torch

from grader.diagnosis.leaves import (
    ArrayLeaf,
    DictLeaf,
    ExceptionLeaf,
    HashLeaf,
    Leaf,
    MissingLeaf,
    OpaqueLeaf,
    SequenceLeaf,
    SpreadLeaf,
    StoppedLeaf,
    SumsLeaf,
    TextLeaf,
    TooLongLeaf,
    VariesLeaf,
)
from grader.files import short_digest
from grader.port.port import Exchange
from grader.text import last_number
from grader.tolerance import FLOAT32, Tolerance, tolerance_for
from grader.wire.plain import DTYPES, Opaque, Plain, is_key
from grader.wire.requests import (
    Answer,
    Call,
    Failures,
    Load,
    Missing,
    Parameters,
    Raised,
    Reply,
    Reset,
    SetParameters,
    Used,
    Watch,
)

Answers: TypeAlias = dict[str, Leaf]

OURS = (Failures, Load, Reset, Used, Watch)
"""The grader's own requests, which are not part of a case."""

REFUSALS = ("AssertionError", "ValueError")
"""The exceptions with which code may refuse its arguments; which of them it raises makes no difference."""

SIGMAS = 6.0
"""The largest distance between two means, in standard deviations of their difference."""
SHARE = 0.4
"""The largest distance between two shares of zeros, each from 64 draws: about five standard deviations."""
RATIO = 1.8
"""The largest ratio of two standard deviations, each from 64 draws: a single one is off by about a tenth."""

WHOLE = 12
"""The most numbers of a tensor that is kept whole; a larger one is kept as sums."""
SUMS = 6
"""The number of weighted sums that are kept for a large tensor."""
LONG = 120
"""The most characters of a list, a dictionary or a text that is kept whole; a longer one is kept as a hash."""
MAX_ITEMS = 50_000
"""The most items in the lists and dictionaries of a reply; right ones have a few hundred. Longer ones are ignored."""
SAMPLE = 8
"""A spread keeps this number of neighbors from a tensor, and the same number from far apart."""
TIE = 0.4
"""The largest distance between two mean correlations; a single pair's, from 64 draws, is off by an eighth."""


def answers_of(exchanges: Sequence[Exchange]) -> Answers:
    """Flatten the replies of a case into leaves."""
    answers: Answers = {}
    for number, exchange in enumerate(_about_the_case(exchanges)):
        position = 0
        for request, reply in zip(exchange.requests, exchange.replies, strict=False):
            if isinstance(request, OURS) and isinstance(reply, Answer):
                continue
            path = f"{number}.{position}"
            position += 1
            if isinstance(reply, Answer):
                if not _has_at_most(reply.value, MAX_ITEMS):
                    answers[path] = TooLongLeaf()
                elif isinstance(request, Parameters):
                    _flatten(_by_name(reply.value), path, answers)
                elif isinstance(request, Call) and request.printed:
                    _flatten(_last_numbers(reply.value), path, answers)
                elif not (isinstance(request, SetParameters) and reply.value == []):
                    _flatten(reply.value, path, answers)
            else:
                answers[path] = _unanswered(reply)
    return answers


def without_constants(answers: Answers, right: Answers) -> Answers:
    """Leave out frozen parameters that a right answer doesn't have, and their gradients: they are constants."""
    left = dict(answers)
    for path, leaf in answers.items():
        expected = right.get(path)
        if not isinstance(leaf, DictLeaf) or not isinstance(expected, DictLeaf):
            continue
        extra = [key for key in leaf.keys if key not in expected.keys and _is_constant(answers, f"{path}[{key}]")]
        if extra:
            left[path] = DictLeaf(tuple(key for key in leaf.keys if key not in extra))
            dropped = tuple(f"{path}[{key}]" for key in extra)
            left = {other: value for other, value in left.items() if not other.startswith(dropped)}
    return left


def _is_constant(answers: Answers, path: str) -> bool:
    """Say whether a parameter in a list of parameters is frozen, or has no gradient in a list of gradients."""
    return answers.get(f"{path}[0]") is False or not any(other.startswith(path) for other in answers)


def condensed(answers: Answers) -> Answers:
    """Replace large tensors with sums."""
    return {path: _sums(leaf) if isinstance(leaf, torch.Tensor) else leaf for path, leaf in answers.items()}


def agree(
    got: Answers,
    other: Answers,
    loose: Set[str] = frozenset(),
    free: Set[str] = frozenset(),
    *,
    roughly: bool = False,
) -> bool:
    """Say whether two answers are the same within the tolerances.

    Args:
        got: an answer.
        other: the answer that it is compared with, whose largest numbers set the bounds.
        loose: paths at which only the form counts: type, shape and dtype.
        free: paths at which nothing is compared.
        roughly: whether float64 numbers may be off as if they had been computed in float32, or be float32.
    """
    return next(_differences(got, other, loose, free, roughly), None) is None


def differing(
    first: Answers,
    second: Answers,
    loose: Set[str] = frozenset(),
    free: Set[str] = frozenset(),
    *,
    roughly: bool = False,
) -> set[str]:
    """List the paths at which two answers differ; the arguments are as for `agree`."""
    return set(_differences(first, second, loose, free, roughly))


def _differences(first: Answers, second: Answers, loose: Set[str], free: Set[str], roughly: bool) -> Iterator[str]:
    if roughly:
        first, second = ({path: _widened(leaf) for path, leaf in answers.items()} for answers in (first, second))

    def differ(path: str) -> bool:
        if path not in first or path not in second or form(first[path]) != form(second[path]):
            return True
        return path not in loose and not _same(first[path], second[path], roughly)

    return filter(differ, (first.keys() | second.keys()) - free)


def _widened(leaf: Leaf) -> Leaf:
    """Make float64 of float32 numbers."""
    match leaf:
        case torch.Tensor(dtype=torch.float32):
            return leaf.double()
        case SumsLeaf() | SpreadLeaf() if leaf.dtype == "torch.float32":
            return dataclasses.replace(leaf, dtype="torch.float64")
    return leaf


def numbers_of(answers: Answers, skipped: Set[str] = frozenset()) -> torch.Tensor:
    """Return the floating-point numbers of an answer in one row, in the order of their paths.

    Args:
        answers: the answer.
        skipped: paths to leave out.
    """
    rows = [_row(answers[path]) for path in sorted(answers.keys() - skipped)]
    return torch.cat([torch.empty(0, dtype=torch.float64), *rows])


def _row(leaf: Leaf) -> torch.Tensor:
    match leaf:
        case torch.Tensor() if leaf.is_floating_point():
            return leaf.detach().flatten().to(torch.float64)
        case float():
            return torch.tensor([leaf], dtype=torch.float64)
        case SumsLeaf(sums=sums):
            return sums.to(torch.float64)
    return torch.empty(0, dtype=torch.float64)


def form(leaf: Leaf) -> object:
    """Return everything about a leaf except its value, for comparison: its type, shape and dtype."""
    match leaf:
        case torch.Tensor():
            return str(leaf.dtype), tuple(leaf.shape)
        case SpreadLeaf() | SumsLeaf():
            return leaf.dtype, leaf.shape
        case TextLeaf() | HashLeaf():
            return leaf.kind
        case bool() | int() | float() | bytes():
            return type(leaf)
    return leaf


def spread(draws: Sequence[Answers]) -> Answers:
    """Summarize the answers to one case under several seeds: a tensor that varies becomes a `SpreadLeaf`."""
    first = draws[0]
    if any(draw.keys() != first.keys() for draw in draws):
        return {"": VariesLeaf()}
    summary: Answers = {}
    for path, leaf in first.items():
        leaves = [draw[path] for draw in draws]
        tensors = [second for second in leaves if isinstance(second, torch.Tensor) and form(second) == form(leaf)]
        if all(_same(leaf, second) for second in leaves):
            summary[path] = leaf
        elif len(tensors) == len(leaves) and tensors[0].is_floating_point():
            summary[path] = _spread_of(torch.stack(tensors))
        else:
            summary[path] = VariesLeaf()
    return summary


def _about_the_case(exchanges: Sequence[Exchange]) -> list[Exchange]:
    """Leave out exchanges that consist of the grader's own requests only."""
    return [exchange for exchange in exchanges if not all(isinstance(r, OURS) for r in exchange.requests)]


def _by_name(rows: Plain) -> Plain:
    """Make a dictionary of a module's parameters, because their order doesn't count."""
    try:
        return {name: [trainable, value] for name, trainable, value in rows}
    except (TypeError, ValueError):
        return rows


def _last_numbers(printed: Plain) -> Plain:
    """List the last number of each printed line that has one, because the words around it are free."""
    numbers = [last_number(line) for line in str(printed).splitlines()]
    return [torch.tensor(float(number), dtype=torch.float32) for number in numbers if number]


def _flatten(value: Plain, path: str, answers: Answers) -> None:
    """Add the leaves of a value to an answer, at a path and those below it."""
    if value is None:
        return
    if isinstance(value, list | tuple) and _contains_numbers(value):
        answers[path] = SequenceLeaf(type(value).__name__, len(value))
        for position, item in enumerate(value):
            _flatten(item, f"{path}[{position}]", answers)
    elif isinstance(value, dict) and _contains_numbers(value):
        # The order of a dictionary doesn't count.
        pairs = {repr(key): item for key, item in value.items() if is_key(key)}
        answers[path] = DictLeaf(tuple(sorted(pairs)))
        for key, item in sorted(pairs.items()):
            _flatten(item, f"{path}[{key}]", answers)
    elif isinstance(value, np.ndarray):
        answers[path] = ArrayLeaf()
        answers[f"{path}[:]"] = torch.from_numpy(value)
    elif isinstance(value, Opaque):
        answers[path] = OpaqueLeaf(value.type_name)
    elif isinstance(value, list | tuple | dict | str):
        answers[path] = _text(value)
    else:
        answers[path] = value


def _contains_numbers(value: Plain) -> bool:
    """Say whether a structure contains anything that is compared with a tolerance, or is not plain data."""
    if isinstance(value, list | tuple):
        return any(_contains_numbers(item) for item in value)
    if isinstance(value, dict):
        return any(_contains_numbers(item) for item in value.values())
    return isinstance(value, torch.Tensor | np.ndarray | float | Opaque)


def _text(value: Plain) -> Leaf:
    """Make a leaf of a value that is compared without a tolerance: its text in Python, or a hash if that is long."""
    # The order of a dictionary doesn't count.
    text = repr(sorted(value.items(), key=repr) if isinstance(value, dict) else value)
    kind = type(value).__name__
    return TextLeaf(kind, text) if len(text) <= LONG else HashLeaf(kind, short_digest(text))


def _has_at_most(value: Plain, most: int) -> bool:
    """Say whether a structure has at most this number of items."""
    count, stack = 0, [value]
    while stack:
        item = stack.pop()
        if isinstance(item, list | tuple | dict):
            count += len(item)
            if count > most:
                return False
            stack.extend(item.values() if isinstance(item, dict) else item)
    return True


def _sums(tensor: torch.Tensor) -> Leaf:
    if tensor.numel() <= WHOLE:
        return tensor
    numbers = tensor.to(torch.float64).flatten()
    finite = torch.isfinite(numbers)
    positions = torch.arange(1, numbers.numel() + 1, dtype=torch.float64)
    # These weights are the same in every version of torch.
    weights = torch.stack([torch.cos(positions * (1.2345 + number)) for number in range(SUMS)])
    sums = weights @ torch.where(finite, numbers, 0.0)
    largest = float(numbers[finite].abs().max()) if bool(finite.any()) else 0.0
    # The sum of positions is 0 if there are none, and other positions seldom have the same sum.
    masks = (numbers.isnan(), numbers == math.inf, numbers == -math.inf)
    not_finite = tuple(int(positions[mask].sum()) for mask in masks)
    return SumsLeaf(str(tensor.dtype), tuple(tensor.shape), sums, largest, not_finite)


def _same_sums(first: SumsLeaf, second: SumsLeaf, roughly: bool) -> bool:
    count = math.prod(first.shape)
    tolerance = _tolerance(DTYPES[first.dtype.removeprefix("torch.")], roughly)
    # Each number may be off by the bound; rounding adds to a sum in proportion to the root of the count.
    bound = 2 * tolerance.bound(second.largest) * math.sqrt(count) if tolerance.relative else 0.5
    return first.not_finite == second.not_finite and bool(((first.sums - second.sums).abs() <= bound).all())


def _tolerance(dtype: torch.dtype, roughly: bool) -> Tolerance:
    return FLOAT32 if roughly and dtype == torch.float64 else tolerance_for(dtype)


def _spread_of(rows: torch.Tensor) -> SpreadLeaf:
    """Summarize the draws of a tensor; `rows` is (draws, …)."""
    zeros = (rows == 0).to(rows.dtype)
    counts = zeros.flatten(1).sum(1)
    flat = rows.flatten(1)
    # Neighbors, which may depend on each other, and numbers far apart.
    near = torch.arange(min(SAMPLE, flat.shape[1]))
    far = torch.linspace(0, flat.shape[1] - 1, SAMPLE).round().long()
    sample = torch.tensor(sorted({*near.tolist(), *far.tolist()}))
    sampled = flat[:, sample]
    return SpreadLeaf(
        str(rows.dtype),
        tuple(rows.shape[1:]),
        mean=sampled.mean(0),
        deviation=sampled.std(0),
        zeros=zeros.flatten(1)[:, sample].mean(0),
        joint=(float(counts.std()), *_ties(zeros)),
        draws=len(rows),
    )


def _ties(zeros: torch.Tensor) -> list[float]:
    """Return how strongly zeros depend on their neighbors along each dimension, and on numbers half a row away.

    Args:
        zeros: (draws, …), 1 where a number was 0.

    Returns:
        The mean correlation with the neighbor along each dimension, then with the number half the last dimension away.
    """
    steps = [(1, dim) for dim in range(1, zeros.dim())]
    steps += [(zeros.shape[-1] // 2, zeros.dim() - 1)] if steps else []
    return [_mean_correlation(zeros.flatten(1), zeros.roll(step, dims=dim).flatten(1)) for step, dim in steps]


def _mean_correlation(first: torch.Tensor, second: torch.Tensor) -> float:
    first, second = first - first.mean(0), second - second.mean(0)
    scale = (first.square().sum(0) * second.square().sum(0)).sqrt()
    moving = scale > 0
    if not bool(moving.any()):
        return 0.0
    return float(((first * second).sum(0)[moving] / scale[moving]).mean())


def _unanswered(reply: Reply) -> Leaf:
    """Make a leaf of a reply that is not an answer."""
    match reply:
        case Raised(types=types):
            return ExceptionLeaf("refusal" if set(types) & set(REFUSALS) else types[0])
        case Missing(module=module, name=name):
            return MissingLeaf(module, name)
        case _:
            return StoppedLeaf()


def _same(first: Leaf, second: Leaf, roughly: bool = False) -> bool:
    """Say whether two leaves are the same, within the bound that `other` sets."""
    match first, second:
        case torch.Tensor(), torch.Tensor():
            return first.dtype == second.dtype and first.shape == second.shape and _close(first, second, roughly)
        case float(), float():
            if math.isnan(first) or math.isnan(second) or math.isinf(first) or math.isinf(second):
                return repr(first) == repr(second)
            return abs(first - second) <= tolerance_for(torch.float32).bound(abs(second))
        case SpreadLeaf(), SpreadLeaf():
            return form(first) == form(second) and _same_spread(first, second)
        case SumsLeaf(), SumsLeaf():
            return form(first) == form(second) and _same_sums(first, second, roughly)
    # Of equal types, only those above contain tensors, which have no single truth value.
    return type(first) is type(second) and bool(first == second)


def _close(first: torch.Tensor, second: torch.Tensor, roughly: bool) -> bool:
    if not second.is_floating_point() or not second.numel():
        return torch.equal(first, second)
    largest = float(second.abs().max())
    if math.isfinite(largest):
        # The usual case, and much faster than the code below.
        return float((first - second).abs().max()) <= _tolerance(second.dtype, roughly).bound(largest)
    finite = second[torch.isfinite(second)]
    largest = float(finite.abs().max()) if finite.numel() else 0.0
    bound = _tolerance(second.dtype, roughly).bound(largest)
    return bool(torch.isclose(first, second, rtol=0.0, atol=bound, equal_nan=True).all())


def _same_spread(first: SpreadLeaf, second: SpreadLeaf) -> bool:
    if first.mean.shape != second.mean.shape or len(first.joint) != len(second.joint) or first.draws != second.draws:
        return False
    if not first.mean.numel():
        return True
    if not torch.equal(first.mean.isnan(), second.mean.isnan()):
        return False
    mean, deviation, other_mean, second_deviation = (
        numbers.nan_to_num() for numbers in (first.mean, first.deviation, second.mean, second.deviation)
    )
    floor = 1e-6 * max(1.0, float(other_mean.abs().max()))
    bound = SIGMAS * (deviation**2 / first.draws + second_deviation**2 / second.draws).sqrt() + floor
    # If a number is seldom dropped, a few draws estimate its deviation badly.
    floor = floor + 0.1 * float(second_deviation.max())
    return (
        bool(((mean - other_mean).abs() <= bound).all())
        and bool((deviation <= RATIO * second_deviation + floor).all())
        and bool((second_deviation <= RATIO * deviation + floor).all())
        and bool(((first.zeros - second.zeros).abs() <= SHARE).all())
        and first.joint[0] <= RATIO * second.joint[0] + 0.1
        and second.joint[0] <= RATIO * first.joint[0] + 0.1
        and all(abs(tie - second_tie) <= TIE for tie, second_tie in zip(first.joint[1:], second.joint[1:], strict=True))
    )
