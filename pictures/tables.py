"""What the pictures of both attention exercises share: tables of weights, and sentences about what is wrong in them."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from grader.checks import values
from grader.pictures import HeatMap, table
from tests.visible import attention

WORDS = ("the", "cat", "sat", "on", "the", "mat")
TOLERANCE = 1e-4
"""A weight below this is none: a place may be masked by a large negative number."""
MORE_IN, MORE_OUT, MORE_TOKENS = 2, 3, 1
"""Numbers beyond those that the table needs, so that no size can be taken for another."""


def one_hot() -> Tensor:
    """Return the words as tokens, (tokens, d_in): a single 1 each, at the place of the token."""
    return torch.eye(len(WORDS), len(WORDS) + MORE_IN, dtype=torch.float64)


def drawn(heads: int, seed: int) -> dict[str, Tensor]:
    """Make the three projections for the heads; with these values each head's output is its table of weights."""
    tokens, width = len(WORDS), len(WORDS) + MORE_OUT
    query, key = values(2, heads * width, tokens + MORE_IN, seed=seed, scale=1.2)
    value = torch.eye(width, tokens + MORE_IN, dtype=torch.float64)
    value[tokens:] = 0.0
    return attention.projections(query, key, value.repeat(heads, 1))


def pattern(projections: dict[str, Tensor], head: int) -> Tensor:
    """Return the expected weights of a head, computed by torch's own attention."""
    width = len(WORDS) + MORE_OUT
    of_head = slice(head * width, (head + 1) * width)
    queries, keys, own_values = (
        one_hot() @ projections[f"W_{name}.weight"][of_head].T for name in ("query", "key", "value")
    )
    expected = F.scaled_dot_product_attention(queries[None], keys[None], own_values[None], is_causal=True)
    return expected[0, :, : len(WORDS)]


def heat_map(title: str, weights: Tensor, expected: Tensor) -> HeatMap:
    """Make a heat map of weights, and mark those that differ from the expected ones."""
    wrong = ~torch.isclose(weights, expected, rtol=0, atol=TOLERANCE)
    marked = frozenset((row, column) for row, column in wrong.nonzero().tolist())
    return HeatMap(title, table(weights.tolist()), WORDS, WORDS, marked)


def sentences(weights: Tensor, expected: Tensor, where: str = "") -> tuple[str, ...]:
    """Say what is wrong in a table of weights; only the most telling fact, if there is one."""
    if bool(torch.isclose(weights, expected, rtol=0, atol=TOLERANCE).all()):
        return ()
    if not bool(torch.isfinite(weights).all()):
        row = int((~torch.isfinite(weights)).any(dim=1).nonzero()[0])
        return (
            f"{where}row {row} ({WORDS[row]!r}) holds nan: is it allowed to look at no token at all, not even at "
            "itself?",
        )
    future = (weights.triu(1).abs() > TOLERANCE).nonzero().tolist()
    if future:
        return _about_the_future(weights, future, where)
    sums = weights.sum(dim=1)
    off = ((sums - 1).abs() > TOLERANCE).nonzero().flatten().tolist()
    if off:
        row = off[0]
        columns = bool(torch.allclose(weights.sum(dim=0), torch.ones_like(sums), atol=TOLERANCE))
        hint = "; but your columns do: softmax goes over the keys" if columns else ""
        return (f"{where}row {row} ({WORDS[row]!r}) sums to {sums[row]:.2f}, not to 1{hint}.",)
    factor = _factor(weights, expected)
    if factor is not None and factor < 0:
        return (f"{where}your scores have the wrong sign: the best match gets the least weight.",)
    if factor is not None:
        return (f"{where}your scores are {factor:.2f} times as large as expected: look at what you divide them by.",)
    blind = (weights.tril().abs() < TOLERANCE) & (expected > TOLERANCE)
    for row, column in blind.nonzero().tolist():
        whom = "itself" if row == column else f"position {column} ({WORDS[column]!r}), which is earlier"
        return (f"{where}row {row} ({WORDS[row]!r}) does not see {whom}.",)
    return (_about_the_size(weights, expected, where),)


def _factor(weights: Tensor, expected: Tensor) -> float | None:
    """Return by which factor all scores are too large or too small; None where that is not the difference."""
    rows, columns = torch.tril_indices(len(expected), len(expected))
    got = (weights / weights[:, :1]).log()[rows, columns]
    right = (expected / expected[:, :1]).log()[rows, columns]
    factor = (got @ right) / (right @ right)
    fits = bool(torch.isfinite(got).all()) and torch.allclose(got, factor * right, rtol=1e-3, atol=1e-3)
    return float(factor) if fits else None


def _about_the_future(weights: Tensor, future: list[list[int]], where: str) -> tuple[str, ...]:
    sentences = []
    for row in sorted({row for row, _ in future})[:2]:
        seen = [column for at, column in future if at == row]
        words = ", ".join(f"{column} ({WORDS[column]!r})" for column in seen)
        if len(seen) > 2:
            words = f"{words.split(',')[0]} and {len(seen) - 1} more"
        sentences.append(f"{where}row {row} ({WORDS[row]!r}) looks at position {words}: the future.")
    rows = len({row for row, _ in future})
    return (*sentences, *([f"{where}{rows} rows in total look at the future."] if rows > 2 else []))


def _about_the_size(weights: Tensor, expected: Tensor, where: str) -> str:
    row, column = divmod(int((weights - expected).abs().argmax()), len(expected))
    return (
        f"{where}row {row} ({WORDS[row]!r}) gives position {column} ({WORDS[column]!r}) "
        f"{weights[row, column]:.3f} of its attention, expected {expected[row, column]:.3f}."
    )
