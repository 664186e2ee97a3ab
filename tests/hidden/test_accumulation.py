"""Hidden checks of `accumulation`: batches of all sizes, compared with one large batch."""

from hypothesis import given
from hypothesis import strategies as st

from grader.checks import Port, expect, expect_equal, seeds, sizes
from tests.visible.micro_batches import Step, micro_batches
from tests.visible.training import model_of

ANY = st.lists(st.lists(sizes(0, 3), min_size=1, max_size=3), max_size=3)
COUNTS = st.builds(lambda batches, last: [*batches, [last]], ANY, sizes(1, 3))
"""For each batch, for each of its texts: how many of three targets count; in the last one, some do."""


@given(counts=COUNTS, seed=seeds())
def test_the_gradients_are_those_of_the_joined_batch(learner: Port, counts: list[list[int]], seed: int) -> None:
    """The only step uses the gradients of all batches joined into one, however many targets count in each."""
    step = Step(learner, micro_batches(*counts, tokens=3, seed=seed), seed=seed)
    expect(len(step.steps) == 1, got=f"{len(step.steps)} optimizer steps", expected="1")
    step.expect_gradients()


@given(counts=COUNTS, seed=seeds())
def test_the_loss_is_that_of_the_joined_batch(learner: Port, counts: list[list[int]], seed: int) -> None:
    """The loss is that of all batches joined into one, as a float."""
    step = Step(learner, micro_batches(*counts, tokens=3, seed=seed), seed=seed)
    expect(type(step.returned) is float, got=type(step.returned).__name__, expected="float")
    step.expect_mean_loss()


@given(counts=COUNTS, seed=seeds())
def test_batches_of_every_kind_stay_as_they_were(learner: Port, counts: list[list[int]], seed: int) -> None:
    """Inputs and targets stay unchanged, whichever targets count."""
    batches, model = micro_batches(*counts, tokens=3, seed=seed), model_of(learner)
    kept = learner.put(batches)
    learner.keep("accumulate_step", model, kept, learner.probe("optimizer", algorithm="SGD", model=model, lr=0.5))
    expect_equal(kept.value(), batches, "the batches after the call")
