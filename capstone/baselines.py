"""What is known without a network: nothing at all, how frequent tokens are, and which follow on which."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Baselines:
    """Mean cross-entropies on the kept pieces, in nats a token."""

    uniform: float
    unigram: float
    bigram: float


def measure(train: Sequence[Sequence[int]], kept: Sequence[Sequence[int]], vocab_size: int, before: int) -> Baselines:
    """Count on one half of a text, and measure on the other.

    Every token counts once more than it was seen, so that none is impossible. After a token that was seen c times,
    the unigram's opinion counts as one more sight of its successor.

    Args:
        train: the pieces that are counted.
        kept: the pieces that are measured on.
        vocab_size: how many tokens there are.
        before: the token that stands before the first of each piece.
    """
    alone: Counter[int] = Counter()
    pairs: Counter[tuple[int, int]] = Counter()
    firsts: Counter[int] = Counter()
    for piece in train:
        alone.update(piece)
        pairs.update(zip([before, *piece], piece, strict=False))
        firsts.update([before, *piece[:-1]])
    total = sum(alone.values()) + vocab_size

    def unigram(token: int) -> float:
        return (alone[token] + 1) / total

    def bigram(left: int, token: int) -> float:
        return (pairs[left, token] + unigram(token)) / (firsts[left] + 1)

    one = two = 0.0
    for piece in kept:
        for left, token in zip([before, *piece], piece, strict=False):
            one -= math.log(unigram(token))
            two -= math.log(bigram(left, token))
    count = sum(map(len, kept))
    return Baselines(math.log(vocab_size), one / count, two / count)
