"""A bigram baseline: count which token follows which, and measure how little that leaves to be surprised by.

Not asked: pairs across several texts, longer contexts, back-off, generating text.

Book: chapter 5.1
"""

import math

import torch
from torch import Tensor


def count_bigrams(ids: Tensor, vocab_size: int) -> Tensor:
    """Count how often each token follows each other one.

    Args:
        ids: `(tokens,)`, int64, a text; each id is from 0 to `vocab_size - 1`. With fewer than two there is no pair.
        vocab_size: Number of token ids, whether they occur or not.

    Returns:
        `(vocab_size, vocab_size)`, int64: in row a, column b how often b comes right after a.
    """
    raise NotImplementedError("Start with a table of zeros, and two views of the text, one a place ahead of the other.")


def bigram_probabilities(counts: Tensor, smoothing: float = 1.0) -> Tensor:
    """Turn counts of pairs into the probabilities of the next token.

    Args:
        counts: `(vocab_size, vocab_size)`, int64, as `count_bigrams` returns them.
        smoothing: k, 0 or more: each pair counts as if it had been seen k times more.

    Returns:
        `(vocab_size, vocab_size)`, float64: in row a, column b the probability that b follows a. Each row sums to 1;
        that of a token after which nothing was ever seen is uniform, without smoothing too.
    """
    raise NotImplementedError("Start with the smoothed counts, in float64.")


def bigram_loss(ids: Tensor, probabilities: Tensor) -> float:
    """Return the cross-entropy of a text: the mean of -ln p over its pairs, in nats.

    It is infinite where a pair of the text has probability 0.

    Args:
        ids: `(tokens,)`, int64, a text.
        probabilities: `(vocab_size, vocab_size)`, float64, as `bigram_probabilities` returns them.

    Raises:
        ValueError: the text has fewer than two tokens, and so no pair.
    """
    raise NotImplementedError("Refuse a text without pairs, then look up the probability of each pair.")


def baseline_losses(
    train_ids: Tensor, val_ids: Tensor, vocab_size: int, smoothing: float = 1.0
) -> tuple[float, float, float]:
    """Return `(uniform, unigram, bigram)`: what the next tokens of `val_ids` cost three simple models, in nats.

    All three are measured on the same tokens: all of `val_ids` but the first, which follows nothing. `uniform` gives
    each token the same probability. `unigram` gives it its smoothed share among all tokens of `train_ids`,
    `(count + k) / (tokens + k * vocab_size)`. `bigram` is the model of pairs, counted on `train_ids`.

    Args:
        train_ids: `(tokens,)`, int64, at least one token: the text that is counted.
        val_ids: `(tokens,)`, int64, at least two tokens: the text that is measured.
        vocab_size: Number of token ids, whether they occur or not.
        smoothing: k, for the single tokens as for the pairs.
    """
    raise NotImplementedError("Start with the bigram, for which the three functions above are made.")
