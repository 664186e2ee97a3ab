"""Visible checks of `bigram_baseline`: rules of counts and probabilities, and losses worked out by hand."""

import math

import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.checks import (
    Golden,
    Port,
    expect,
    expect_any_tensor,
    expect_equal,
    expect_raises,
    expect_same,
    expect_tensor,
    seeds,
    sizes,
    values,
    what_came,
)
from tests.visible.bigrams import (
    DIMS,
    FLOAT64,
    INT64,
    SHARP,
    TEXT,
    baselines_of,
    counts_of,
    ids_of,
    loss_of,
    probabilities_of,
    uniform_table,
)


def table(*rows: list[float]) -> torch.Tensor:
    """Make a table of counts from its rows."""
    return torch.tensor(rows, dtype=INT64)


def counts_without_empty_rows(vocab_size: int, seed: int) -> torch.Tensor:
    """Draw counts, some of them 0, whose sums over rows and over columns differ."""
    counts = values(vocab_size, vocab_size, seed=seed, scale=3.0).abs().long()
    counts[:, 0] += 1
    counts[0, 1] += 3 * vocab_size
    return counts


def test_counts_are_whole_numbers_for_the_whole_vocabulary(learner: Port) -> None:
    """The counts are an int64 table of `(vocab_size, vocab_size)`, even if most of the vocabulary never appears."""
    got = learner.call("count_bigrams", ids_of(0, 1, 0), 4)
    expect_tensor(got, (4, 4), INT64, "the counts")


def test_a_second_count_is_like_the_first(learner: Port) -> None:
    """Counting the same text again gives the same counts: nothing is left over from the first time."""
    first, second = (learner.call("count_bigrams", ids_of(*TEXT), 4) for _ in range(2))
    expect_same(second, expect_any_tensor(first, "the counts"), "the counts the second time", dims=DIMS)


def test_a_pair_counts_as_often_as_it_stands_there(learner: Port) -> None:
    """A pair that appears several times in the text is counted that many times.

    `counts[a, b] += 1` with tensors a and b adds 1 to each entry only once, however often it is listed.
    """
    counts = counts_of(learner, ids_of(2, 0, 1, 0, 1, 0, 1, 2), 3)
    largest = int(counts.max())
    expect(largest > 1, got=f"no count above {largest}", expected="counts above 1", where="0 1 appears three times")


def test_a_token_may_follow_itself(learner: Port) -> None:
    """A token that follows itself makes a pair like any other."""
    counts = counts_of(learner, ids_of(1, 1, 1), 2)
    expect(int(counts[1, 1]) > 0, got="0", expected="more than 0", where="counts[1, 1] for the text 1 1 1")


@given(text=st.lists(sizes(0, 3), min_size=2, max_size=8))
def test_a_text_has_a_pair_less_than_tokens(learner: Port, text: list[int]) -> None:
    """The counts add up to one less than the number of tokens: each token except the last is followed by one.

    Nothing follows the last token, not even the first one.
    """
    total = int(counts_of(learner, ids_of(*text), 4).sum())
    expect(total == len(text) - 1, got=str(total), expected=str(len(text) - 1), where="the sum of all counts")


def test_a_text_without_pairs_gives_zeros(learner: Port) -> None:
    """A text with one token, or none, has no pairs: all counts are 0."""
    for text in ((2,), ()):
        expect_equal(learner.call("count_bigrams", ids_of(*text), 3), torch.zeros(3, 3, dtype=INT64), "the counts")


def test_the_row_is_the_token_that_comes_first(learner: Port) -> None:
    """Row a, column b holds how often b follows a: the row is the token before, the column the token after."""
    counts = counts_of(learner, ids_of(0, 1, 2, 0, 1, 2, 0, 1, 2), 3)
    for first, then in ((0, 1), (1, 2)):
        count, reversed_count = int(counts[first, then]), int(counts[then, first])
        got = f"counts[{first}, {then}] = {count}, counts[{then}, {first}] = {reversed_count}"
        expect(count > 0 and reversed_count == 0, got=got, expected="the first above 0, the second 0")


def test_the_counts_of_a_text_come_out(learner: Port) -> None:
    """In the text 0 1 2 0 1 3 0 1 2 2 0, every pair of neighbors is counted."""
    expected = table([0, 3, 0, 0], [0, 0, 2, 1], [2, 0, 1, 0], [1, 0, 0, 0])
    expect_equal(learner.call("count_bigrams", ids_of(*TEXT), 4), expected, "the counts", dims=DIMS)


def test_probabilities_are_float64(learner: Port) -> None:
    """The probabilities are a float64 table with the shape of the counts."""
    got = learner.call("bigram_probabilities", table([1, 3], [2, 2]), smoothing=0.5)
    expect_tensor(got, (2, 2), FLOAT64, "the probabilities")


@given(seed=seeds(), vocab_size=sizes(2, 4))
def test_each_row_sums_to_one(learner: Port, seed: int, vocab_size: int) -> None:
    """Without smoothing, each row of probabilities sums to 1: after each token, some token has to come."""
    counts = counts_without_empty_rows(vocab_size, seed)
    got = probabilities_of(learner, counts, smoothing=0.0)
    expect_equal(got.sum(dim=1), torch.ones(vocab_size, dtype=FLOAT64), "the sum of the row", dims=("token",))


@given(seed=seeds(), vocab_size=sizes(2, 4), smoothing=st.sampled_from([0.5, 1.0, 2.0]))
def test_each_row_sums_to_one_with_smoothing(learner: Port, seed: int, vocab_size: int, smoothing: float) -> None:
    """With smoothing, each row still sums to 1: its total grows by what you add to each of its vocab_size counts."""
    counts = counts_without_empty_rows(vocab_size, seed)
    got = probabilities_of(learner, counts, smoothing=smoothing)
    expect_equal(got.sum(dim=1), torch.ones(vocab_size, dtype=FLOAT64), "the sum of the row", dims=("token",))


def test_without_smoothing_probabilities_are_shares(learner: Port) -> None:
    """Without smoothing, a probability is the pair's share of its row: counts of 1 and 3 give 0.25 and 0.75."""
    got = probabilities_of(learner, table([1, 3], [2, 2]), smoothing=0.0)
    expected = torch.tensor([[0.25, 0.75], [0.5, 0.5]], dtype=FLOAT64)
    expect_equal(got, expected, "the probability", dims=DIMS)


def test_smoothing_counts_each_pair_so_many_times_more(learner: Port) -> None:
    """A smoothing of k acts as if you had seen every pair k more times, including those you never saw."""
    counts = table([1, 3, 0], [2, 2, 4], [5, 0, 1])
    for smoothing in (1, 3):
        expected = probabilities_of(learner, counts + smoothing, smoothing=0.0)
        got = probabilities_of(learner, counts, smoothing=float(smoothing))
        what = f"the probability with a smoothing of {smoothing}, compared with all counts larger by {smoothing},"
        expect_same(got, expected, what, dims=DIMS)


def test_smoothing_need_not_be_whole(learner: Port) -> None:
    """A smoothing of 0.5 gives the same probabilities as a smoothing of 1 with all counts doubled."""
    counts = table([1, 3, 0], [2, 2, 4], [5, 0, 1])
    expected = probabilities_of(learner, 2 * counts, smoothing=1.0)
    what = "the probability with a smoothing of 0.5, compared with 1 and all counts doubled,"
    expect_same(probabilities_of(learner, counts, smoothing=0.5), expected, what, dims=DIMS)


def test_smoothing_is_one_by_default(learner: Port) -> None:
    """The smoothing is 1 by default."""
    counts = table([1, 3], [0, 2])
    expected = probabilities_of(learner, counts, smoothing=1.0)
    what = "the probability without a smoothing, compared with smoothing=1.0,"
    expect_same(probabilities_of(learner, counts), expected, what, dims=DIMS)


def test_a_row_without_counts_is_uniform(learner: Port) -> None:
    """If nothing ever followed a token, its row is uniform, even without smoothing.

    0/0 is nan.
    """
    for smoothing in (1.0, 0.0):
        got = learner.call("bigram_probabilities", table([0, 0, 0, 0], *[[1, 1, 1, 1]] * 3), smoothing=smoothing)
        row = got[0] if isinstance(got, torch.Tensor) and got.dim() == 2 else got
        expected = torch.full((4,), 0.25, dtype=row.dtype if isinstance(row, torch.Tensor) else FLOAT64)
        what = f"the row of a token that nothing follows, with a smoothing of {smoothing}"
        expect_equal(row, expected, what, dims=("next token",))


def test_the_loss_is_a_float(learner: Port) -> None:
    """`bigram_loss` returns a Python float, not a tensor."""
    got = learner.call("bigram_loss", ids_of(0, 1, 2), SHARP)
    expect(type(got) is float, got=what_came(got), expected="a float (`.item()` makes one of a tensor)")


def test_a_pair_is_looked_up_in_the_row_of_its_first_token(learner: Port) -> None:
    """A text that the model expects has a low loss: a pair's first token picks the row, its second the column."""
    got = loss_of(learner, ids_of(0, 1, 2, 0), SHARP)
    expect(got < 2, got=f"{got:.4g}", expected="less than 2", where="the loss if each pair has probability 0.98")


def test_the_loss_is_positive(learner: Port) -> None:
    """If the text could have been a different one, its loss is above 0: logarithms are negative, the loss isn't."""
    got = loss_of(learner, ids_of(0, 1, 2, 0), uniform_table(3))
    expect(got > 0, got=f"{got:.4g}", expected="more than 0", where="the loss if nothing is known")


def test_a_longer_text_costs_no_more(learner: Port) -> None:
    """The loss is a mean over pairs: if all are equally likely, a longer text has the same loss as a short one."""
    short, long = (loss_of(learner, ids_of(*[0, 1, 2] * times), uniform_table(3)) for times in (1, 4))
    expect_same(long, short, "the loss of a text four times as long")


@given(vocab_size=sizes(2, 6))
def test_knowing_nothing_costs_the_logarithm_of_the_vocabulary(learner: Port, vocab_size: int) -> None:
    """If all probabilities are 1/vocab_size, the loss is ln(vocab_size), the natural logarithm: nats, not bits."""
    got = loss_of(learner, ids_of(0, 1, 1, 0), uniform_table(vocab_size))
    expect_equal(got, math.log(vocab_size), "the loss")


def test_logarithms_are_averaged_not_probabilities(learner: Port) -> None:
    """Pairs with probabilities 1/2 and 1/8 cost ln 2 and ln 8, on average 2 ln 2; every occurrence counts."""
    probabilities = torch.tensor([[0.5, 0.5], [0.125, 0.875]], dtype=FLOAT64)
    expect_equal(loss_of(learner, ids_of(0, 1, 0), probabilities), 2 * math.log(2), "the loss of the text 0 1 0")
    expected = (3 * math.log(2) + math.log(8)) / 4
    expect_equal(loss_of(learner, ids_of(0, 0, 0, 1, 0), probabilities), expected, "the loss of the text 0 0 0 1 0")


def test_the_impossible_costs_without_end(learner: Port) -> None:
    """A pair with probability 0 makes the loss infinite, not just very large, and the pair isn't skipped.

    Smoothing is there to prevent this. The loss itself doesn't have to.
    """
    sure = torch.tensor([[0.0, 1.0], [1.0, 0.0]], dtype=FLOAT64)
    expect_equal(loss_of(learner, ids_of(0, 1, 1, 0), sure), math.inf, "the loss of the text 0 1 1 0")


def test_a_text_without_pairs_has_no_loss(learner: Port) -> None:
    """A text of fewer than two tokens raises an error: there is nothing to average."""
    with expect_raises(learner, because="a text of one token has no pairs"):
        learner.keep("bigram_loss", ids_of(1), SHARP)


def test_the_baselines_are_three_floats(learner: Port) -> None:
    """`baseline_losses` returns a tuple of three Python floats: uniform, unigram, bigram."""
    got = learner.call("baseline_losses", ids_of(*TEXT), ids_of(0, 1, 2), 4)
    right = isinstance(got, tuple) and [type(loss) for loss in got] == [float] * 3
    expect(right, got=what_came(got), expected="a tuple of three floats")


def test_the_uniform_baseline_is_the_logarithm_of_the_vocabulary(learner: Port) -> None:
    """The first baseline is ln(vocab_size), for the whole vocabulary and not only for the tokens that appear."""
    uniform, _, _ = baselines_of(learner, ids_of(0, 1, 0), ids_of(1, 0), 7)
    expect_equal(uniform, math.log(7), "the uniform baseline")


def test_the_first_token_of_the_validation_text_costs_nothing(learner: Port) -> None:
    """The unigram baseline covers the tokens that the bigram predicts: all of the text except the first."""
    first, other = (baselines_of(learner, ids_of(0, 0, 0, 0, 1), ids_of(start, 1, 0), 2)[1] for start in (0, 1))
    expect_same(other, first, "the unigram baseline with another first token")


def test_the_unigram_baseline_counts_the_training_text(learner: Port) -> None:
    """The unigram baseline gives each token its share of the training text's tokens, smoothed like the pairs."""
    # Of 3 tokens, two are 0 and one is 1: with a smoothing of 1, the shares are 3/6, 2/6 and 1/6.
    _, unigram, _ = baselines_of(learner, ids_of(0, 0, 1), ids_of(0, 2, 2, 1), 3, smoothing=1.0)
    expect_equal(unigram, (2 * math.log(6) + math.log(3)) / 3, "the unigram baseline")
    # With 0.5, they are 5/9, 3/9 and 1/9.
    _, unigram, _ = baselines_of(learner, ids_of(0, 0, 1), ids_of(0, 2, 1), 3, smoothing=0.5)
    expect_equal(unigram, (math.log(9) + math.log(3)) / 2, "the unigram baseline with a smoothing of 0.5")


def test_the_bigram_baseline_is_made_of_the_three_functions(learner: Port) -> None:
    """The bigram baseline counts pairs only in the training text, and is measured only on the validation text."""
    train, val = ids_of(*TEXT), ids_of(3, 0, 1, 2, 2)
    for smoothing in (1.0, 0.25):
        probabilities = probabilities_of(learner, counts_of(learner, train, 4), smoothing=smoothing)
        expected = loss_of(learner, val, probabilities)
        _, _, bigram = baselines_of(learner, train, val, 4, smoothing=smoothing)
        what = f"the bigram baseline with a smoothing of {smoothing}, compared with your other three functions"
        expect_same(bigram, expected, what)


def test_the_arguments_stay_as_they_were(learner: Port) -> None:
    """The functions leave texts, counts and probabilities unchanged."""
    ids, counts, model = ids_of(*TEXT), table([0, 0, 0], [1, 2, 0], [0, 0, 3]), SHARP
    kept = [learner.put(argument) for argument in (ids, counts, model, ids_of(0, 1, 2, 0))]
    learner.keep("count_bigrams", kept[0], 4)
    learner.keep("bigram_probabilities", kept[1], smoothing=0.0)
    learner.keep("bigram_probabilities", kept[1], smoothing=1)
    learner.keep("bigram_loss", kept[3], kept[2])
    learner.keep("baseline_losses", kept[0], kept[3], 4)
    for argument, before, what in zip(
        kept, (ids, counts, model, ids_of(0, 1, 2, 0)), ("ids", "counts", "probabilities", "ids"), strict=True
    ):
        expect_equal(argument.value(), before, f"{what} after the calls")


def test_the_recorded_baselines_come_out(learner: Port, golden: Golden) -> None:
    """For two texts, the baselines are those that a correct solution gives."""
    train, val = ids_of(*TEXT, *TEXT[::-1]), ids_of(*TEXT[2:8])
    baselines = [baselines_of(learner, train, val, 5, smoothing=smoothing) for smoothing in (1.0, 0.1)]
    golden.expect("losses", [loss for losses in baselines for loss in losses], "the losses")
