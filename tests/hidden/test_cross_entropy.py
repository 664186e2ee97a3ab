"""Hidden checks of `cross_entropy`: many shapes, sizes and dtypes, compared with the reference."""

import math

import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.checks import Port, expect_equal, expect_number, seeds, sizes, values
from tests.visible.losses import DIFFERENCES, FLOAT64, IGNORED, LARGE, expect_gradient, loss_of, targets_for

LEADS = st.lists(sizes(1, 3), min_size=1, max_size=3)
SCALES = st.sampled_from([1.0, 10.0, 1e3, 1e4])
INDICES = st.sampled_from([IGNORED, -1, 0, 1])


def rows(lead: list[int], vocab: int, scale: float, seed: int) -> torch.Tensor:
    """Draw logits; large ones are whole numbers, which float32 holds exactly."""
    logits = values(*lead, vocab, seed=seed, scale=scale)
    return logits.clamp(-1e4, 1e4).round() if scale > 10 else logits


def some_ignored(targets: torch.Tensor, ignore_index: int, seed: int) -> torch.Tensor:
    """Ignore about a third of the targets, but not all of them."""
    ignored = torch.rand(targets.shape, generator=torch.Generator().manual_seed(seed)) < 1 / 3
    kept = targets.masked_fill(ignored, ignore_index)
    return targets if bool((kept == ignore_index).all()) else kept


@given(lead=LEADS, vocab=sizes(2, 6), scale=SCALES, seed=seeds())
def test_the_loss_equals_the_reference(
    learner: Port, reference: Port, lead: list[int], vocab: int, scale: float, seed: int
) -> None:
    """The loss matches the formula, for logits of every shape and size."""
    logits = rows(lead, vocab, scale, seed)
    targets = targets_for(logits, seed)
    got, expected = (loss_of(port, logits, targets) for port in (learner, reference))
    expect_equal(got, expected, "the loss", tolerance=LARGE if scale > 10 else None)


@given(lead=LEADS, vocab=sizes(3, 6), ignore_index=INDICES, seed=seeds())
def test_the_loss_with_ignored_targets_equals_the_reference(
    learner: Port, reference: Port, lead: list[int], vocab: int, ignore_index: int, seed: int
) -> None:
    """Whatever `ignore_index` is, and wherever the ignored targets are, the others decide the loss."""
    logits = rows(lead, vocab, 3.0, seed)
    targets = targets_for(logits, seed)
    targets[targets == ignore_index] = 2
    targets = some_ignored(targets, ignore_index, seed)
    got, expected = (loss_of(port, logits, targets, ignore_index=ignore_index) for port in (learner, reference))
    expect_equal(got, expected, "the loss")


@given(lead=LEADS, vocab=sizes(2, 5), scale=SCALES, seed=seeds())
def test_the_gradient_equals_the_reference(
    learner: Port, reference: Port, lead: list[int], vocab: int, scale: float, seed: int
) -> None:
    """The gradient of the logits matches the formula, whatever the shape and size, with ignored targets and without."""
    logits = rows(lead, vocab, scale, seed)
    targets = some_ignored(targets_for(logits, seed), IGNORED, seed)
    expected = reference.gradients("cross_entropy", logits, targets).inputs[0]
    assert expected is not None
    expect_gradient(learner.gradients("cross_entropy", logits, targets), expected, LARGE if scale > 10 else DIFFERENCES)


@given(rows_=sizes(1, 4), vocab=sizes(2, 6), offset=st.sampled_from([0.0, 1e4, -1e4]), seed=seeds())
def test_float32_logits_of_every_size_are_right(
    learner: Port, reference: Port, rows_: int, vocab: int, offset: float, seed: int
) -> None:
    """In float32, in which the exponential of 89 is infinite already, large logits give the right loss."""
    logits = (rows([rows_], vocab, 3.0, seed).round() + offset).float()
    targets = targets_for(logits, seed)
    got, expected = (loss_of(port, given, targets) for port, given in ((learner, logits), (reference, logits.double())))
    expect_equal(got, expected, "the loss", tolerance=LARGE)


@given(lead=LEADS, strided=st.booleans(), ignore_index=INDICES, seed=seeds())
def test_arguments_of_every_kind_stay_as_they_were(
    learner: Port, lead: list[int], strided: bool, ignore_index: int, seed: int
) -> None:
    """Logits and targets stay unchanged, whatever their shape, their memory order and the ignored index."""
    logits = values(*lead, 4, seed=seed)
    targets = targets_for(logits, seed)
    targets[targets == ignore_index] = 2
    targets = some_ignored(targets, ignore_index, seed)
    kept = [learner.put(argument, strided=strided) for argument in (logits, targets)]
    learner.keep("cross_entropy", *kept, ignore_index=ignore_index)
    for argument, before, what in zip(kept, (logits, targets), ("logits", "targets"), strict=True):
        expect_equal(argument.value(), before, f"the {what} after the call")


@given(loss=st.floats(0, 12))
def test_every_loss_has_its_perplexity(learner: Port, loss: float) -> None:
    """For every loss, the perplexity is e to its power."""
    got = learner.call("perplexity", torch.tensor(loss, dtype=FLOAT64))
    expect_equal(expect_number(got, "the perplexity"), math.exp(loss), f"the perplexity for a loss of {loss:g}")
