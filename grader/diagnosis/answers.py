"""What code answered to a case, in a form in which answers are compared, told apart and written down.

An answer is a flat dictionary: a path such as `0.2[1]` (the exchange, the request in it, the place in its reply) leads
to a leaf. A leaf is a tensor, a number, a text, or a tuple that begins with a
word: `("raised", "ValueError")`, `("list", 3)`, `("spread", …)`. What is None is left out. Of a tensor with many
numbers only a few sums of them are kept, `("sums", …)`, each number taken with a weight of its own. Every tuple among
the leaves is of the grader's own making: what a learner's code returned can be none.
"""

from __future__ import annotations

import math
from collections.abc import Sequence, Set
from typing import TypeAlias

import numpy as np
import torch

from grader.files import short_digest
from grader.port.port import Exchange
from grader.tolerance import Tolerance, tolerance_for
from grader.wire.plain import DTYPES, Opaque, Plain, is_key
from grader.wire.requests import Answer, Load, Missing, Parameters, Raised, Reply, Reset, SetParameters, Used, Watch

Answers: TypeAlias = dict[str, Plain]

OURS = (Load, Reset, Used, Watch)
"""Requests of the grader's own, which are no part of a case."""

REFUSALS = ("AssertionError", "ValueError")

SIGMAS = 6.0
SHARE = 0.4
"""How far apart two shares of zeros may lie, each taken from 64 draws: some five standard deviations."""
RATIO = 1.8
"""How far apart two standard deviations may lie, each taken from 64 draws: one of them is off by about a tenth."""

WHOLE = 12
"""Numbers up to which a tensor is kept whole; of a larger one some sums are kept."""
SUMS = 6
LONG = 120
"""Characters up to which a list, a dictionary or a text is kept whole."""
MAX_ITEMS = 50_000
"""Items in the lists and dictionaries of an answer; right ones have some hundred, and more is not looked at."""
SAMPLE = 8
"""Numbers of a tensor of which a spread is kept: so many neighbours, and as many from far apart."""
TIE = 0.4
"""How far apart two mean correlations may lie; that of a single pair, taken from 64 draws, is off by an eighth."""


def answers_of(exchanges: Sequence[Exchange]) -> Answers:
    """Flatten the replies of a case."""
    found: Answers = {}
    for number, exchange in enumerate(_own(exchanges)):
        place = 0
        for request, reply in zip(exchange.requests, exchange.replies, strict=False):
            if isinstance(request, OURS) and isinstance(reply, Answer):
                continue
            path = f"{number}.{place}"
            place += 1
            if isinstance(reply, Answer):
                if not _counts_up_to(reply.value, MAX_ITEMS):
                    found[path] = ("too long",)
                elif isinstance(request, Parameters):
                    _flatten(_by_name(reply.value), path, found)
                elif not (isinstance(request, SetParameters) and reply.value == []):
                    _flatten(reply.value, path, found)
            else:
                found[path] = _told(reply)
    return found


def condensed(answers: Answers) -> Answers:
    """Put sums in the place of large tensors."""
    return {path: _sums(leaf) if isinstance(leaf, torch.Tensor) else leaf for path, leaf in answers.items()}


def agree(got: Answers, other: Answers, loose: Set[str] = frozenset(), free: Set[str] = frozenset()) -> bool:
    """Say whether two answers are the same within the tolerances.

    Args:
        got: one answer.
        other: the answer that it is held against, whose largest numbers set the bounds.
        loose: paths at which only the form counts: type, shape and dtype.
        free: paths at which anything may stand.
    """
    return not differing(got, other, loose, free)


def differing(one: Answers, other: Answers, loose: Set[str] = frozenset(), free: Set[str] = frozenset()) -> set[str]:
    """List the paths at which two answers differ; `loose` and `free` are as for `agree`."""

    def differ(path: str) -> bool:
        if path not in one or path not in other or form(one[path]) != form(other[path]):
            return True
        return path not in loose and not _same(one[path], other[path])

    return {path for path in (one.keys() | other.keys()) - free if differ(path)}


def form(leaf: Plain) -> Plain:
    """Return what of a leaf is not its value: type, shape and dtype."""
    match leaf:
        case torch.Tensor():
            return str(leaf.dtype), tuple(leaf.shape)
        case ("spread" | "sums", str(dtype), list(shape), *_):
            return dtype, tuple(shape)
        case ("plain" | "hash", str(kind), _):
            return kind
        case tuple():
            return leaf
        case str():
            return "str"
        case _:
            return type(leaf)


def spread(draws: Sequence[Answers]) -> Answers:
    """Sum up the answers to one case under several seeds: what varies becomes a `spread`.

    A spread holds, for some numbers of a tensor, mean, standard deviation and how often each was 0. Draws that hang
    together show in the standard deviation of the count of zeros, and in how zeros go with those next to them.
    """
    first = draws[0]
    if any(draw.keys() != first.keys() for draw in draws):
        return {"": ("varies",)}
    summed: Answers = {}
    for path, leaf in first.items():
        leaves = [draw[path] for draw in draws]
        if all(_same(leaf, other) for other in leaves):
            summed[path] = leaf
        elif isinstance(leaf, torch.Tensor) and leaf.is_floating_point() and len({form(one) for one in leaves}) == 1:
            summed[path] = _spread_of(torch.stack(leaves))
        else:
            summed[path] = ("varies",)
    return summed


def _own(exchanges: Sequence[Exchange]) -> list[Exchange]:
    return [exchange for exchange in exchanges if not all(isinstance(r, OURS) for r in exchange.requests)]


def _by_name(rows: Plain) -> Plain:
    """Make a dictionary of a module's parameters: their order is free."""
    try:
        return {name: [trainable, value] for name, trainable, value in rows}
    except (TypeError, ValueError):
        return rows


def _flatten(value: Plain, path: str, found: Answers) -> None:
    if value is None:
        return
    if isinstance(value, list | tuple) and _holds_numbers(value):
        found[path] = (type(value).__name__, len(value))
        for place, item in enumerate(value):
            _flatten(item, f"{path}[{place}]", found)
    elif isinstance(value, dict) and _holds_numbers(value):
        # Order is no part of a dictionary's value.
        pairs = {repr(key): item for key, item in value.items() if is_key(key)}
        found[path] = ("dict", sorted(pairs))
        for key, item in sorted(pairs.items()):
            _flatten(item, f"{path}[{key}]", found)
    elif isinstance(value, np.ndarray):
        found[path] = ("array",)
        found[f"{path}[:]"] = torch.from_numpy(value)
    elif isinstance(value, Opaque):
        found[path] = ("opaque", value.type_name)
    elif isinstance(value, list | tuple | dict | str):
        found[path] = _text(value)
    else:
        found[path] = value


def _holds_numbers(value: Plain) -> bool:
    """Say whether something is in a structure that is more than equal or not."""
    if isinstance(value, list | tuple):
        return any(_holds_numbers(item) for item in value)
    if isinstance(value, dict):
        return any(_holds_numbers(item) for item in value.values())
    return isinstance(value, torch.Tensor | np.ndarray | float | Opaque)


def _text(value: Plain) -> Plain:
    """Make a leaf of what is equal or not: as it is written in Python, or a hash of that where it is long."""
    # Order is no part of a dictionary's value.
    text = repr(sorted(value.items(), key=repr) if isinstance(value, dict) else value)
    kind = type(value).__name__
    return ("plain", kind, text) if len(text) <= LONG else ("hash", kind, short_digest(text))


def _counts_up_to(value: Plain, most: int) -> bool:
    """Say whether a structure has no more items than that."""
    count, stack = 0, [value]
    while stack:
        item = stack.pop()
        if isinstance(item, list | tuple | dict):
            count += len(item)
            if count > most:
                return False
            stack.extend(item.values() if isinstance(item, dict) else item)
    return True


def _sums(tensor: torch.Tensor) -> Plain:
    if tensor.numel() <= WHOLE:
        return tensor
    numbers = tensor.to(torch.float64).flatten()
    finite = torch.isfinite(numbers)
    place = torch.arange(1, numbers.numel() + 1, dtype=torch.float64)
    # Weights that are the same everywhere, whatever the version of torch.
    weights = torch.stack([torch.cos(place * (1.2345 + number)) for number in range(SUMS)])
    sums = weights @ torch.where(finite, numbers, 0.0)
    largest = float(numbers[finite].abs().max()) if bool(finite.any()) else 0.0
    # The sums of their places: 0 where there are none, and seldom the same where they lie elsewhere.
    lost = [int(place[where].sum()) for where in (numbers.isnan(), numbers == math.inf, numbers == -math.inf)]
    return ("sums", str(tensor.dtype), list(tensor.shape), sums, largest, lost)


def _same_sums(one: Plain, other: Plain) -> bool:
    _, dtype, shape, sums, _, lost = one
    _, _, _, other_sums, largest, other_lost = other
    count = math.prod(shape)
    tolerance = _tolerance(dtype)
    # Each number may be off by the bound; what rounding adds to a sum grows with the root of their count.
    bound = 2 * tolerance.bound(largest) * math.sqrt(count) if tolerance.relative else 0.5
    return bool(lost == other_lost and bool(((sums - other_sums).abs() <= bound).all()))


def _tolerance(dtype: str) -> Tolerance:
    return tolerance_for(DTYPES[dtype.removeprefix("torch.")])


def _spread_of(rows: torch.Tensor) -> Plain:
    zeros = (rows == 0).to(rows.dtype)
    counts = zeros.flatten(1).sum(1)
    flat = rows.flatten(1)
    # Neighbours, which may hang together, and others from far apart.
    near = torch.arange(min(SAMPLE, flat.shape[1]))
    far = torch.linspace(0, flat.shape[1] - 1, SAMPLE).round().long()
    sample = torch.tensor(sorted({*near.tolist(), *far.tolist()}))
    kept = flat[:, sample]
    numbers = (kept.mean(0), kept.std(0), zeros.flatten(1)[:, sample].mean(0))
    joint = [float(counts.std()), *_ties(zeros)]
    return ("spread", str(rows.dtype), list(rows.shape[1:]), *numbers, joint, len(rows))


def _ties(zeros: torch.Tensor) -> list[float]:
    """Return how closely zeros go with those next to them, along each dimension, and with those half a row away.

    Args:
        zeros: (draws, …), 1 where a number was 0.

    Returns:
        The mean correlation with the neighbour along each dimension, then that over half the last one.
    """
    steps = [(1, dim) for dim in range(1, zeros.dim())]
    steps += [(zeros.shape[-1] // 2, zeros.dim() - 1)] if steps else []
    return [_mean_correlation(zeros.flatten(1), zeros.roll(step, dims=dim).flatten(1)) for step, dim in steps]


def _mean_correlation(one: torch.Tensor, other: torch.Tensor) -> float:
    one, other = one - one.mean(0), other - other.mean(0)
    scale = (one.square().sum(0) * other.square().sum(0)).sqrt()
    moving = scale > 0
    if not bool(moving.any()):
        return 0.0
    return float(((one * other).sum(0)[moving] / scale[moving]).mean())


def _told(reply: Reply) -> Plain:
    match reply:
        case Raised(types=types):
            # A refusal may be either of the two.
            return ("raised", "refusal" if set(types) & set(REFUSALS) else types[0])
        case Missing(module=module, name=name):
            return ("missing", module, name)
        case _:
            return ("stopped",)


def _same(one: Plain, other: Plain) -> bool:
    match one, other:
        case torch.Tensor(), torch.Tensor():
            return one.dtype == other.dtype and one.shape == other.shape and _close(one, other)
        case float(), float():
            if math.isnan(one) or math.isnan(other) or math.isinf(one) or math.isinf(other):
                return repr(one) == repr(other)
            return abs(one - other) <= tolerance_for(torch.float32).bound(abs(other))
        case (("spread" | "sums") as kind, *_), (("spread" | "sums") as other_kind, *_):
            if kind != other_kind or form(one) != form(other):
                return False
            return _same_spread(one, other) if kind == "spread" else _same_sums(one, other)
        case ((torch.Tensor() | ("spread" | "sums", *_)), _) | (_, (torch.Tensor() | ("spread" | "sums", *_))):
            return False
    return type(one) is type(other) and bool(one == other)


def _close(one: torch.Tensor, other: torch.Tensor) -> bool:
    if not other.is_floating_point() or not other.numel():
        return torch.equal(one, other)
    largest = float(other.abs().max())
    if math.isfinite(largest):
        # As most are, and much quicker than what follows.
        return float((one - other).abs().max()) <= tolerance_for(other.dtype).bound(largest)
    finite = other[torch.isfinite(other)]
    largest = float(finite.abs().max()) if finite.numel() else 0.0
    bound = tolerance_for(other.dtype).bound(largest)
    return bool(torch.isclose(one, other, rtol=0.0, atol=bound, equal_nan=True).all())


def _same_spread(one: Plain, other: Plain) -> bool:
    mean, deviation, zeros, joint, draws = one[3:]
    other_mean, other_deviation, other_zeros, other_joint, other_draws = other[3:]
    if mean.shape != other_mean.shape or len(joint) != len(other_joint) or draws != other_draws:
        return False
    if not mean.numel():
        return True
    if not torch.equal(mean.isnan(), other_mean.isnan()):
        return False
    mean, deviation, other_mean, other_deviation = (
        numbers.nan_to_num() for numbers in (mean, deviation, other_mean, other_deviation)
    )
    floor = 1e-6 * max(1.0, float(other_mean.abs().max()))
    room = SIGMAS * (deviation**2 / draws + other_deviation**2 / other_draws).sqrt() + floor
    # What is seldom dropped has a deviation that few draws tell badly.
    floor = floor + 0.1 * float(other_deviation.max())
    return (
        bool(((mean - other_mean).abs() <= room).all())
        and bool((deviation <= RATIO * other_deviation + floor).all())
        and bool((other_deviation <= RATIO * deviation + floor).all())
        and bool(((zeros - other_zeros).abs() <= SHARE).all())
        and joint[0] <= RATIO * other_joint[0] + 0.1
        and other_joint[0] <= RATIO * joint[0] + 0.1
        and all(abs(tie - other_tie) <= TIE for tie, other_tie in zip(joint[1:], other_joint[1:], strict=True))
    )
