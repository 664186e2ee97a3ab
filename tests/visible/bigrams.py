"""What the checks of `bigram_baseline` share: texts, models, and calls of the functions."""

from typing import Any

import torch
from hypothesis import strategies as st

from grader.checks import Port, expect_number, expect_parts, expect_tensor, sizes

FLOAT64, INT64 = torch.float64, torch.int64
DIMS = ("token", "next token")

TEXT = (0, 1, 2, 0, 1, 3, 0, 1, 2, 2, 0)
"""A text over four tokens: all of them appear, some pairs more than once, and one token follows itself."""

SHARP = torch.tensor([[0.01, 0.98, 0.01], [0.01, 0.01, 0.98], [0.98, 0.01, 0.01]], dtype=FLOAT64)
"""A model that is almost sure: 1 follows 0, 2 follows 1, and 0 follows 2."""


def ids_of(*ids: int) -> torch.Tensor:
    """Make a text of these ids, `(tokens,)`."""
    return torch.tensor(ids, dtype=INT64)


def texts(most: int = 12, least: int = 0) -> st.SearchStrategy[tuple[int, list[int]]]:
    """Draw the size of a vocabulary, and a text of ids below that size."""
    return sizes(1, 5).flatmap(
        lambda size: st.tuples(st.just(size), st.lists(sizes(0, size - 1), min_size=least, max_size=most))
    )


def counts_of(port: Port, ids: torch.Tensor, vocab_size: int) -> torch.Tensor:
    """Ask for the counts of a text, as a table of whole numbers of any dtype."""
    counts = port.call("count_bigrams", ids, vocab_size)
    dtype = counts.dtype if isinstance(counts, torch.Tensor) else INT64
    return expect_tensor(counts, (vocab_size, vocab_size), dtype, "the counts")


def probabilities_of(port: Port, counts: torch.Tensor, **smoothing: float) -> torch.Tensor:
    """Ask for the probabilities that follow from counts, as a table of floats of any dtype."""
    probabilities = port.call("bigram_probabilities", counts, **smoothing)
    dtype = probabilities.dtype if isinstance(probabilities, torch.Tensor) else FLOAT64
    return expect_tensor(probabilities, tuple(counts.shape), dtype, "the probabilities").to(FLOAT64)


def number_of(loss: Any, what: str = "the loss") -> float:
    """Return a loss as a number, even if it is a tensor: another check looks at its type."""
    return expect_number(loss, what)


def loss_of(port: Port, ids: torch.Tensor, probabilities: torch.Tensor) -> float:
    """Ask for the loss of a text under a model."""
    return number_of(port.call("bigram_loss", ids, probabilities))


def baselines_of(
    port: Port, train: torch.Tensor, val: torch.Tensor, vocab_size: int, **smoothing: float
) -> tuple[float, float, float]:
    """Ask for the three baselines: uniform, unigram, bigram."""
    losses = port.call("baseline_losses", train, val, vocab_size, **smoothing)
    parts = expect_parts(losses, ("uniform", "unigram", "bigram"), "the losses")
    uniform, unigram, bigram = map(number_of, parts, ("uniform", "unigram", "bigram"))
    return uniform, unigram, bigram


def uniform_table(vocab_size: int) -> torch.Tensor:
    """Make the model that knows nothing: every probability is 1 / vocab_size."""
    return torch.full((vocab_size, vocab_size), 1 / vocab_size, dtype=FLOAT64)
