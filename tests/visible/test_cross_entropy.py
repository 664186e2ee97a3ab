"""Visible checks of `cross_entropy`: losses that you can work out by hand, and rules that every loss obeys."""

import math

import torch
import torch.nn.functional as F
from hypothesis import given

from grader.checks import (
    Golden,
    Port,
    Tolerance,
    expect_equal,
    expect_number,
    expect_same,
    expect_tensor,
    seeds,
    sizes,
    values,
)
from tests.visible.losses import (
    DIFFERENCES,
    FLOAT64,
    IGNORED,
    LARGE,
    expect_gradient,
    ids_of,
    logits_of,
    loss_of,
    targets_for,
    torchs_gradient,
)

SURE = 13 * torch.eye(3, dtype=FLOAT64)
"""Three rows of logits; each is sure of one token."""

ROUGHLY = Tolerance(0.1, 1.0)


def test_the_loss_is_a_scalar_tensor(learner: Port) -> None:
    """`cross_entropy` returns a floating-point tensor without dimensions: one number for all rows."""
    loss = learner.call("cross_entropy", values(3, 3, seed=1), ids_of(0, 2, 1))
    dtype = torch.float32 if isinstance(loss, torch.Tensor) and loss.dtype is torch.float32 else FLOAT64
    expect_tensor(loss, (), dtype, "the loss")


@given(seed=seeds())
def test_adding_a_number_to_a_row_changes_nothing(learner: Port, seed: int) -> None:
    """Adding a number to all logits of one row changes nothing: a softmax over the vocabulary doesn't see it.

    Which of the dimensions is the vocabulary?
    """
    logits, targets = values(3, 3, seed=seed), ids_of(0, 2, 1)
    before = loss_of(learner, logits, targets)
    after = loss_of(learner, logits + torch.tensor([[0.0], [2.0], [-1.0]]), targets)
    expect_same(after, before, "the loss after adding 2 to the second row and -1 to the third")


@given(vocab_size=sizes(2, 6))
def test_knowing_nothing_costs_the_logarithm_of_the_vocabulary(learner: Port, vocab_size: int) -> None:
    """If all logits are 0, the loss is ln(vocab), above 0: the natural logarithm gives nats."""
    loss = loss_of(learner, torch.zeros(1, vocab_size, dtype=FLOAT64), ids_of(0))
    expect_equal(loss, math.log(vocab_size), "the loss")


def test_each_row_is_measured_at_its_own_target(learner: Port) -> None:
    """Each row is measured at its own target: the loss is 0 if it is sure of it, and 13 if it is sure of another.

    The logits in this check are 13 for one token and 0 for the others.
    """
    order = ids_of(2, 0, 1)
    expect_equal(loss_of(learner, SURE[order], order), 0.0, "the loss if all are right")
    for token in range(3):
        expect_equal(loss_of(learner, SURE[token : token + 1], ids_of(token)), 0.0, f"the loss for token {token}")
    # Roughly, because a tiny number added to the probability is for another check.
    expect_equal(loss_of(learner, SURE[:1], ids_of(2)), 13.0, "the loss for a wrong token", tolerance=ROUGHLY)


def test_the_loss_is_a_mean(learner: Port) -> None:
    """The loss is a mean over rows: the same rows three times over have the same loss, not three times as much."""
    logits, targets = values(2, 3, seed=4), ids_of(1, 2)
    once = loss_of(learner, logits, targets)
    thrice = loss_of(learner, logits.repeat(3, 1), targets.repeat(3))
    expect_same(thrice, once, "the loss of the rows three times over")


def test_any_number_of_leading_dimensions(learner: Port) -> None:
    """Logits can have any number of leading dimensions: a batch of texts is a list of all its rows."""
    logits, targets = values(2, 3, 2, 4, seed=5), targets_for(torch.zeros(2, 3, 2, 4), seed=5)
    expected = loss_of(learner, logits.flatten(0, -2), targets.flatten())
    for shape in ((6, 2), (2, 3, 2)):
        got = loss_of(learner, logits.reshape(*shape, 4), targets.reshape(shape))
        expect_same(got, expected, f"the loss of logits of shape {(*shape, 4)}, compared with {(12, 4)}")


def test_large_logits_do_not_overflow(learner: Port) -> None:
    """Logits of 10,000, or of -10,000, give the same loss as small ones, even in one batch.

    The exponential of 1,000 is infinite. Subtract something from each row first: another check says that it changes
    nothing.
    """
    logits = logits_of((0, -1, -2), (1, 0, 0))
    expected = loss_of(learner, logits, ids_of(0, 1))
    for first, second in ((1e4, 1e4), (-1e4, -1e4), (1e4, -1e4)):
        got = loss_of(learner, logits + torch.tensor([[first], [second]]), ids_of(0, 1))
        what = f"the loss with {first:g} and {second:g} added to the rows"
        expect_same(got, expected, what, tolerance=LARGE)


def test_an_almost_impossible_target_costs_its_distance(learner: Port) -> None:
    """If another token's logit is larger by 1,000, the target costs 1,000; if it's larger by 10,000, 10,000.

    Its probability rounds to 0. A logarithm that is never taken of a probability can't be infinite.
    """
    for distance in (1e3, 1e4):
        got = loss_of(learner, logits_of((0, distance, 0)), ids_of(0))
        expect_equal(got, distance, f"the loss for the logits 0, {distance:g}, 0 and the target 0")


def test_rows_with_an_ignored_target_do_not_matter(learner: Port) -> None:
    """A target of -100 is ignored by default: the logits of its row don't matter."""
    logits, targets = values(3, 4, seed=6), ids_of(2, IGNORED, 0)
    others = logits.clone()
    others[1] = torch.tensor([9.0, -3.0, 0.0, 5.0])
    first, second = (loss_of(learner, given, targets) for given in (logits, others))
    expect_same(second, first, "the loss with other logits in the ignored row")


def test_ignored_targets_are_not_in_the_mean(learner: Port) -> None:
    """The loss is as if the ignored rows weren't there: the mean divides by the number of targets that count.

    Every target that counts has the same weight, no matter how many are ignored in its text.
    """
    logits, targets = values(2, 3, 4, seed=7), torch.tensor([[1, IGNORED, IGNORED], [0, 3, IGNORED]])
    counted = targets != IGNORED
    expected = loss_of(learner, logits[counted], targets[counted])
    what = "the loss of 6 targets, 3 of them ignored, compared with the other 3"
    expect_same(loss_of(learner, logits, targets), expected, what)


def test_ignore_index_is_what_the_caller_asks_for(learner: Port) -> None:
    """`ignore_index` decides which target is ignored, be it below 0 or a token's id; all others count."""
    logits, counted = values(3, 4, seed=8), ids_of(0, 2)
    expected = loss_of(learner, logits[1:], counted)
    for ignore_index in (3, 1, -1):
        targets = torch.cat([ids_of(ignore_index), counted])
        got = loss_of(learner, logits, targets, ignore_index=ignore_index)
        what = f"the loss with the first target ignored, by ignore_index={ignore_index}, compared with the others"
        expect_same(got, expected, what)


def test_inputs_need_not_be_contiguous(learner: Port) -> None:
    """Strided logits and targets give the same loss, as in `logits[:, :-1]`."""
    logits, targets = values(2, 3, 4, seed=9), torch.tensor([[0, 3, 1], [2, 2, 0]])
    expected = loss_of(learner, logits, targets)
    got = loss_of(learner, learner.put(logits, strided=True), learner.put(targets, strided=True))
    expect_same(got, expected, "the loss of strided inputs")


def test_the_arguments_stay_as_they_were(learner: Port) -> None:
    """`cross_entropy` leaves logits and targets unchanged, also if some are ignored."""
    logits, targets = values(2, 3, seed=10), ids_of(1, IGNORED)
    kept = learner.put(logits), learner.put(targets)
    learner.keep("cross_entropy", *kept)
    for argument, before, what in zip(kept, (logits, targets), ("logits", "targets"), strict=True):
        expect_equal(argument.value(), before, f"the {what} after the call")


def test_the_gradient_is_softmax_minus_one(learner: Port) -> None:
    """The gradient of a row is its softmax, minus 1 at the target, divided by the number of rows; 0 if it's ignored.

    Is a part of the loss detached? `.item()`, `.data` and `torch.tensor(...)` cut the graph, too.
    """
    targets = ids_of(2, IGNORED, 0)
    large = 1e4 * logits_of((0, 1, 0, 0), (1, 1, 1, 1), (1, 1, 0, -1))
    for logits, tolerance in ((values(3, 4, seed=11), DIFFERENCES), (large, LARGE)):
        gradients = learner.gradients("cross_entropy", logits, targets)
        expect_gradient(gradients, torchs_gradient(logits, targets), tolerance)


def test_perplexity_is_e_to_the_loss(learner: Port) -> None:
    """Perplexity is e to the power of the loss: 5 for a loss of ln 5, which is that of a choice among 5 tokens."""
    for count in (5.0, 1.0, 50257.0):
        got = learner.call("perplexity", torch.tensor(count, dtype=FLOAT64).log())
        expect_equal(expect_number(got, "the perplexity"), count, f"the perplexity for a loss of ln {count:g}")


def test_the_loss_equals_torchs_cross_entropy(learner: Port) -> None:
    """The loss is that of torch's own `F.cross_entropy`."""
    logits, targets = values(3, 5, seed=12, scale=3.0), ids_of(4, 0, 2)
    expect_equal(loss_of(learner, logits, targets), F.cross_entropy(logits, targets).item(), "the loss")


def test_the_recorded_loss_comes_out(learner: Port, golden: Golden) -> None:
    """A batch of two texts, with targets to ignore, has the loss that a correct solution gives."""
    logits, targets = values(2, 3, 4, seed=13), torch.tensor([[0, IGNORED, 3], [1, 1, IGNORED]])
    golden.expect("loss", loss_of(learner, logits, targets), "the loss")
