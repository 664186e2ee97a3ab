"""Hidden checks of `bigram_baseline`: many kinds of texts, counts and models, compared with the reference."""

import math

import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.checks import Port, expect_any_tensor, expect_equal, expect_raises, expect_same, seeds, sizes, values
from tests.visible.bigrams import DIMS, INT64, baselines_of, ids_of, texts, uniform_table

SMOOTHINGS = st.sampled_from([1.0, 0.0, 0.1, 2.5])


def counts(vocab_size: int, seed: int) -> torch.Tensor:
    """Draw a table of counts in which about half are 0, and now and then a whole row is."""
    return values(vocab_size, vocab_size, seed=seed, scale=3.0).clamp(min=0).long() * (
        values(vocab_size, 1, seed=seed + 1) > -1
    )


def model(vocab_size: int, seed: int, zeros: bool = False) -> torch.Tensor:
    """Draw a table of probabilities; with `zeros`, some of them are 0."""
    drawn = values(vocab_size, vocab_size, seed=seed).abs() + (0.0 if zeros else 0.05)
    drawn = torch.where(drawn < 0.3, 0.0, drawn) if zeros else drawn
    drawn[:, -1] += 0.1
    return drawn / drawn.sum(dim=1, keepdim=True)


@given(text=texts())
def test_counts_equal_the_reference(learner: Port, reference: Port, text: tuple[int, list[int]]) -> None:
    """The counts are right for every text and every vocabulary size, including texts without pairs."""
    vocab_size, ids = text
    got, expected = (port.call("count_bigrams", ids_of(*ids), vocab_size) for port in (learner, reference))
    expect_equal(got, expected, "the counts", dims=DIMS)


def test_pairs_of_a_long_text_are_counted_exactly(learner: Port) -> None:
    """A pair that appears many thousand times is counted that many times."""
    times = 2**15 + 5  # more than an 8-bit or 16-bit number or a half-precision float can hold
    got = learner.call("count_bigrams", torch.ones(times + 1, dtype=INT64), 2)
    expect_equal(got, torch.tensor([[0, 0], [0, times]]), "the counts", dims=DIMS)


def test_pairs_of_a_large_vocabulary_are_counted(learner: Port) -> None:
    """A vocabulary may have more pairs than a 16-bit number can tell apart."""
    size = 300
    table = expect_any_tensor(learner.call("count_bigrams", ids_of(size - 1, size - 2, size - 1), size), "the counts")
    found = [(*place, int(table[tuple(place)])) for place in table.nonzero().tolist()]
    expect_equal(found, [(size - 2, size - 1, 1), (size - 1, size - 2, 1)], "the pairs that were counted")


def test_a_table_stays_when_the_next_text_is_counted(learner: Port) -> None:
    """Each call makes a table of its own: the counts and probabilities of an earlier call stay as they were."""
    counted = learner.keep("count_bigrams", ids_of(0, 1, 2, 0), 3)
    table = counted.value()
    shares = learner.keep("bigram_probabilities", counted)
    before = shares.value()
    learner.keep("bigram_probabilities", learner.keep("count_bigrams", ids_of(2, 1, 2, 1), 3))
    expect_same(counted.value(), table, "the counts of the first text after the second was counted", dims=DIMS)
    expect_same(shares.value(), before, "the probabilities of the first text after the second", dims=DIMS)


@given(text=texts(least=2), seed=seeds())
def test_texts_need_not_be_contiguous(learner: Port, reference: Port, text: tuple[int, list[int]], seed: int) -> None:
    """A text may be a part of a larger tensor, such as every other id of it."""
    vocab_size, ids = text
    strided = learner.put(ids_of(*ids), strided=True)
    got, expected = (
        port.call("count_bigrams", text, vocab_size) for port, text in ((learner, strided), (reference, ids_of(*ids)))
    )
    expect_equal(got, expected, "the counts", dims=DIMS)
    table = model(vocab_size, seed)
    got, expected = (
        port.call("bigram_loss", text, table) for port, text in ((learner, strided), (reference, ids_of(*ids)))
    )
    expect_equal(got, expected, "the loss")


def test_the_loss_of_a_long_text_is_a_mean_of_logarithms(learner: Port) -> None:
    """The loss of a text of thousands of tokens is a number: the product of so many probabilities would be 0."""
    text = torch.zeros(3000, dtype=INT64)
    expect_equal(learner.call("bigram_loss", text, uniform_table(4)), math.log(4), "the loss")


@given(vocab_size=sizes(1, 5), smoothing=SMOOTHINGS, seed=seeds())
def test_probabilities_equal_the_reference(
    learner: Port, reference: Port, vocab_size: int, smoothing: float, seed: int
) -> None:
    """The probabilities are right with and without smoothing, including rows without counts."""
    table = counts(vocab_size, seed)
    got, expected = (port.call("bigram_probabilities", table, smoothing=smoothing) for port in (learner, reference))
    expect_equal(got, expected, "the probability", dims=DIMS)


@given(vocab_size=sizes(1, 4), seed=seeds())
def test_the_default_smoothing_is_one(learner: Port, reference: Port, vocab_size: int, seed: int) -> None:
    """The smoothing is 1 by default, for the probabilities and for the baselines."""
    table, text = counts(vocab_size, seed), torch.arange(6) % vocab_size
    got, expected = (port.call("bigram_probabilities", table) for port in (learner, reference))
    expect_equal(got, expected, "the probability", dims=DIMS)
    got, expected = (baselines_of(port, text[:4], text, vocab_size) for port in (learner, reference))
    expect_equal(got, expected, "(uniform, unigram, bigram)")


@given(seed=seeds(), power=st.sampled_from([1, 6, 10, 12]))
def test_large_counts_are_counted_exactly(learner: Port, reference: Port, seed: int, power: int) -> None:
    """Counts from a very long text, far above 2³¹, give the right probabilities."""
    table = (counts(3, seed) + 1) * 10**power
    got, expected = (port.call("bigram_probabilities", table, smoothing=1.0) for port in (learner, reference))
    expect_equal(got, expected, "the probability", dims=DIMS)


@given(text=texts(least=2), seed=seeds(), zeros=st.booleans())
def test_the_loss_equals_the_reference(
    learner: Port, reference: Port, text: tuple[int, list[int]], seed: int, zeros: bool
) -> None:
    """The loss of every text is right, and infinite if a pair has probability 0."""
    vocab_size, ids = text
    table = model(vocab_size, seed, zeros)
    got, expected = (port.call("bigram_loss", ids_of(*ids), table) for port in (learner, reference))
    expect_equal(got, expected, "the loss")


@given(vocab_size=sizes(1, 4), tokens=sizes(0, 1))
def test_too_short_a_text_raises(learner: Port, vocab_size: int, tokens: int) -> None:
    """A text with one token raises an error, and so does a text with none, for every vocabulary."""
    with expect_raises(learner, because=f"a text of {tokens} tokens has no pairs"):
        learner.keep("bigram_loss", torch.zeros(tokens, dtype=INT64), uniform_table(vocab_size))


@given(text=texts(least=1), other=st.lists(sizes(0, 99), min_size=2, max_size=8), smoothing=SMOOTHINGS)
def test_the_baselines_equal_the_reference(
    learner: Port, reference: Port, text: tuple[int, list[int]], other: list[int], smoothing: float
) -> None:
    """The three baselines are right for every text and every smoothing, even if one is infinite."""
    vocab_size, ids = text
    train, val = ids_of(*ids), ids_of(*(token % vocab_size for token in other))
    got, expected = (
        port.call("baseline_losses", train, val, vocab_size, smoothing=smoothing) for port in (learner, reference)
    )
    expect_equal(got, expected, "(uniform, unigram, bigram)")


@given(text=texts(least=2), seed=seeds(), strided=st.booleans())
def test_arguments_of_every_kind_stay_as_they_were(
    learner: Port, text: tuple[int, list[int]], seed: int, strided: bool
) -> None:
    """The functions accept texts, counts and probabilities in any memory layout, and leave them unchanged."""
    vocab_size, ids = text
    arguments = (ids_of(*ids), counts(vocab_size, seed), model(vocab_size, seed))
    kept = [learner.put(argument, strided=strided) for argument in arguments]
    learner.keep("count_bigrams", kept[0], vocab_size)
    learner.keep("bigram_probabilities", kept[1], smoothing=0.0)
    learner.keep("bigram_probabilities", kept[1], smoothing=2)
    learner.keep("bigram_loss", kept[0], kept[2])
    learner.keep("baseline_losses", kept[0], kept[0], vocab_size)
    for argument, before, what in zip(kept, arguments, ("ids", "counts", "probabilities"), strict=True):
        expect_equal(argument.value(), before, f"{what} after the calls")
