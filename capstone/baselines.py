"""Predictions without a network: from nothing, from how frequent tokens are, and from which token follows which."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Baselines:
    """Mean cross-entropies on the held-out pieces, in nats per token."""

    uniform: float
    unigram: float
    bigram: float


def measure(train: Sequence[Sequence[int]], kept: Sequence[Sequence[int]], vocab_size: int, before: int) -> Baselines:
    """Count on one part of a text, and measure on the other.

    Every token counts once more than it was seen, so that none is impossible. After a token that was seen c times,
    the unigram's prediction counts as one more observation of the next token.

    Args:
        train: the pieces to count on.
        kept: the pieces to measure on.
        vocab_size: the number of tokens.
        before: the token before the first one of each piece.
    """
    counts: Counter[int] = Counter()
    pairs: Counter[tuple[int, int]] = Counter()
    firsts: Counter[int] = Counter()
    for piece in train:
        counts.update(piece)
        pairs.update(zip([before, *piece], piece, strict=False))
        firsts.update([before, *piece[:-1]])
    total = sum(counts.values()) + vocab_size

    def unigram(token: int) -> float:
        return (counts[token] + 1) / total

    def bigram(left: int, token: int) -> float:
        return (pairs[left, token] + unigram(token)) / (firsts[left] + 1)

    unigram_nats = bigram_nats = 0.0
    for piece in kept:
        for left, token in zip([before, *piece], piece, strict=False):
            unigram_nats -= math.log(unigram(token))
            bigram_nats -= math.log(bigram(left, token))
    count = sum(map(len, kept))
    return Baselines(math.log(vocab_size), unigram_nats / count, bigram_nats / count)
