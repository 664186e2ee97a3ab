"""A bigram baseline: count which token follows which, and measure how surprising a text still is.

Not in this exercise: pairs that span several texts, longer contexts, back-off, generating text.

Book: chapter 5.1
"""

import math

import torch
from torch import Tensor


def count_bigrams(ids: Tensor, vocab_size: int) -> Tensor:
    """Count how often each token comes right after each token.

    Args:
        ids: `(tokens,)`, int64, a text; each id is from 0 to `vocab_size - 1`. Fewer than two tokens make no pair.
        vocab_size: Number of token ids, whether or not they appear.

    Returns:
        `(vocab_size, vocab_size)`, int64: row a, column b holds how often b comes right after a.
    """
    raise NotImplementedError("Start with a table of zeros and two views of the text, one shifted by one position.")


def bigram_probabilities(counts: Tensor, smoothing: float = 1.0) -> Tensor:
    """Turn counts of pairs into the probabilities of the next token.

    Args:
        counts: `(vocab_size, vocab_size)`, int64, as `count_bigrams` returns them.
        smoothing: k, 0 or more: each pair counts as if you had seen it k more times.

    Returns:
        `(vocab_size, vocab_size)`, float64: row a, column b holds the probability that b follows a. Each row sums
        to 1. If nothing ever followed a token, its row is uniform, even without smoothing.
    """
    raise NotImplementedError("Start with the smoothed counts, in float64.")


def bigram_loss(ids: Tensor, probabilities: Tensor) -> float:
    """Return the cross-entropy of a text: the mean of -ln p over its pairs, in nats.

    The loss is infinite if a pair of the text has probability 0.

    Args:
        ids: `(tokens,)`, int64, a text.
        probabilities: `(vocab_size, vocab_size)`, float64, as `bigram_probabilities` returns them.

    Raises:
        ValueError: the text has fewer than two tokens, so it has no pairs.
    """
    raise NotImplementedError("Refuse a text without pairs, then look up the probability of each pair.")


def baseline_losses(
    train_ids: Tensor, val_ids: Tensor, vocab_size: int, smoothing: float = 1.0
) -> tuple[float, float, float]:
    """Return `(uniform, unigram, bigram)`: the losses of three simple models on `val_ids`, in nats.

    All three cover the same tokens: all of `val_ids` except the first, which follows nothing. `uniform` gives each
    token the same probability. `unigram` gives it its smoothed share of all the tokens of `train_ids`,
    `(count + k) / (tokens + k * vocab_size)`. `bigram` is the model of pairs, counted on `train_ids`.

    Args:
        train_ids: `(tokens,)`, int64, at least one token: the text that you count.
        val_ids: `(tokens,)`, int64, at least two tokens: the text that you measure.
        vocab_size: Number of token ids, whether or not they appear.
        smoothing: k, used for both the single tokens and the pairs.
    """
    raise NotImplementedError("Start with the bigram: you have its three functions already.")
