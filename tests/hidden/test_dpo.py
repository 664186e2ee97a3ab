"""Hidden checks of `dpo`: texts, masks and pairs of all sizes, compared with the reference."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.checks import (
    Port,
    expect,
    expect_any_tensor,
    expect_equal,
    expect_number,
    expect_parts,
    seeds,
    sizes,
    values,
)
from tests.visible.preferences import (
    LARGE,
    PARTS,
    SINGLE,
    batch_reply,
    expect_gradients,
    expect_logprobs,
    expect_reply,
    expected_batch,
    gradients_of_batch,
    have_graphs,
    loader_reply,
    logprobs_of,
    loss_of,
    models_of,
    pairs_of,
)


@given(
    texts=sizes(1, 3), tokens=sizes(2, 6), scale=st.sampled_from([1.0, 5.0, 3e3]), masked=st.booleans(), seed=seeds()
)
def test_log_probabilities_equal_the_reference(
    learner: Port, reference: Port, texts: int, tokens: int, scale: float, masked: bool, seed: int
) -> None:
    """The log-probabilities are right for texts, masks and logits of every size."""
    logits, pairs = values(texts, tokens, 5, seed=seed, scale=scale), pairs_of(texts, tokens, seed)
    asked = logits, pairs["chosen"], pairs["chosen_mask"] if masked else None
    got, expected = (logprobs_of(port, *asked) for port in (learner, reference))
    expect_logprobs(got, expected, "the log-probabilities", LARGE if scale > 10 else SINGLE)


@given(texts=sizes(1, 3), tokens=sizes(3, 5), masked=st.booleans(), seed=seeds())
def test_gradients_of_log_probabilities_equal_the_reference(
    learner: Port, reference: Port, texts: int, tokens: int, masked: bool, seed: int
) -> None:
    """The gradient of the logits is right, with a mask and without one; it's 0 where nothing is selected."""
    logits, pairs = values(texts, tokens, 5, seed=seed), pairs_of(texts, tokens, seed)
    asked = (logits, pairs["chosen"], pairs["chosen_mask"]) if masked else (logits, pairs["chosen"])
    got, expected = (port.gradients("compute_logprobs", *asked).inputs[0] for port in (learner, reference))
    assert expected is not None
    expect(got is not None, got="no gradient", expected="a gradient for the logits")
    expect_equal(expect_any_tensor(got), expected, "the gradient of the logits", tolerance=SINGLE)


@given(texts=sizes(1, 4), beta=st.sampled_from([0.1, 0.5, 1.0, 2.0]), scale=st.sampled_from([1.0, 1e3]), seed=seeds())
def test_the_loss_equals_the_reference(
    learner: Port, reference: Port, texts: int, beta: float, scale: float, seed: int
) -> None:
    """Loss and rewards are right for every beta, and for log-ratios of every size."""
    logprobs = -values(4, texts, seed=seed, scale=scale).abs()
    # With a beta of 1, it doesn't matter whether rewards are multiplied by it.
    expected = expect_parts(reference.call("compute_dpo_loss", *logprobs, beta=1.0), PARTS)
    got = learner.call("compute_dpo_loss", *logprobs, beta=1.0)
    expect_reply(got, [expect_number(part) for part in expected])
    loss, expected_loss = (loss_of(port, *_centered(logprobs), beta=beta) for port in (learner, reference))
    expect_equal(loss, expected_loss, f"the loss for beta={beta:g}")


def _centered(logprobs: torch.Tensor) -> torch.Tensor:
    """Change the reference's log-probabilities, so that both rewards are 0."""
    changes = logprobs[:2] - logprobs[2:]
    return torch.cat([logprobs[:2], logprobs[2:] + changes.mean(dim=1, keepdim=True)])


@given(texts=sizes(1, 3), tokens=sizes(3, 6), seed=seeds())
def test_the_batch_equals_the_reference(learner: Port, reference: Port, texts: int, tokens: int, seed: int) -> None:
    """Loss and rewards of a batch are right for pairs and masks of every kind."""
    pairs = pairs_of(texts, tokens, seed)
    expected = expect_parts(batch_reply(reference, pairs), PARTS)
    expect_reply(batch_reply(learner, pairs), [expect_number(part) for part in expected])


@given(texts=sizes(1, 2), tokens=sizes(3, 5), seed=seeds())
def test_the_loss_teaches_only_the_policy(learner: Port, texts: int, tokens: int, seed: int) -> None:
    """The policy gets the right gradients of a batch's loss, the reference gets none, and the rewards have no graph."""
    pairs = pairs_of(texts, tokens, seed)
    policy, reference_model = gradients_of_batch(learner, pairs)
    expect_gradients(policy, expected_batch(pairs)[1])
    for name, gradient in reference_model.items():
        reached = isinstance(gradient, torch.Tensor) and bool(gradient.any())
        expect(not reached, got="a gradient", expected="none", where=f"the reference's {name}")
    graphs = have_graphs(learner, learner.keep("compute_dpo_loss_batch", pairs, *models_of(learner), 1.0))
    expect(not any(graphs[1:]), got="a graph", expected="rewards without a graph")


@settings(max_examples=30)
@given(count=sizes(1, 3), num_batches=st.none() | sizes(1, 5), texts=sizes(1, 2), seed=seeds())
def test_the_loader_equals_the_reference(
    learner: Port, reference: Port, count: int, num_batches: int | None, texts: int, seed: int
) -> None:
    """The means over a loader are right, and floats, for every number of batches."""
    batches = [pairs_of(texts, 3, seed + number) for number in range(count)]
    expected = expect_parts(loader_reply(reference, batches, num_batches), PARTS)
    got = expect_parts(loader_reply(learner, batches, num_batches), PARTS)
    expect_reply(got, [expect_number(part) for part in expected])
    for name, part in zip(PARTS, got, strict=True):
        expect(type(part) is float, got=type(part).__name__, expected="float", where=name)
