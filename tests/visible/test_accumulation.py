"""Visible checks of `accumulation`: small batches go through a probe, and an optimizer records its steps.

Each check asks for one rule, with batches in which only that rule makes a difference.
"""

from grader.checks import Golden, Port, expect, expect_equal, what_came
from tests.visible.micro_batches import EQUAL, Step, micro_batches
from tests.visible.training import model_of


def test_there_is_one_step(learner: Port) -> None:
    """The optimizer takes exactly one step, however many batches there are.

    The step comes after the last batch: gradients add up until then.
    """
    for count in (1, 2, 3):
        steps = len(Step(learner, EQUAL[:count]).steps)
        got = "1 step" if steps == 1 else f"{steps} steps"
        expect(steps == 1, got=got, expected="1 step", where=f"for {count} batches")


def test_the_loss_is_a_float(learner: Port) -> None:
    """accumulate_step returns a Python float, not a tensor: a tensor would keep the graphs of all batches."""
    returned = Step(learner, EQUAL).returned
    expect(type(returned) is float, got=what_came(returned), expected="a float (`.item()` makes one of a tensor)")


def test_one_batch_is_an_ordinary_step(learner: Port) -> None:
    """With a single batch, the gradients are those of its mean loss, as in any training loop."""
    Step(learner, micro_batches((2, 2))).expect_gradients(", for one batch")


def test_every_batch_adds_its_gradients(learner: Port) -> None:
    """The gradients of all batches are added up: each batch leaves its part, and nothing clears it before the step.

    The batches have the same size here, and all targets count.
    """
    Step(learner, EQUAL).expect_gradients(", for three batches of one text each")


def test_the_loss_is_that_of_all_batches(learner: Port) -> None:
    """The loss is the mean over all batches: neither the last batch's loss nor a sum."""
    Step(learner, EQUAL).expect_mean_loss(" for three batches of one text each")


def test_a_large_batch_weighs_more(learner: Port) -> None:
    """A batch with three times as many texts has three times the weight: every target counts the same.

    The mean of the batches' means would give a target in a small batch more weight.
    """
    batches = micro_batches((2,), (2, 2, 2))
    Step(learner, batches).expect_gradients(", for a batch of one text and a batch of three")


def test_the_loss_of_a_large_batch_weighs_more(learner: Port) -> None:
    """In the loss, too, every target counts the same, whichever batch it's in."""
    Step(learner, micro_batches((2,), (2, 2, 2))).expect_mean_loss(" for a batch of one text and a batch of three")


def test_ignored_targets_have_no_weight(learner: Port) -> None:
    """Targets of -100 don't count: the loss is divided by the number of the others, in all batches together.

    Two batches can have as many tokens, and different numbers of targets that count.
    """
    batches = micro_batches((4, 4), (1, 0), tokens=4)
    Step(learner, batches).expect_gradients(", where 8 targets of the first batch count, and 1 of the second")


def test_the_loss_leaves_ignored_targets_out(learner: Port) -> None:
    """Targets of -100 don't count in the loss either."""
    Step(learner, micro_batches((4, 4), (1, 0), tokens=4)).expect_mean_loss(" if 8 and 1 of 8 targets count")


def test_a_batch_without_counting_targets_adds_nothing(learner: Port) -> None:
    """A batch in which no target counts changes nothing: its mean would be 0 divided by 0, which is nan."""
    for batches in (micro_batches((0,), (2,)), micro_batches((2,), (0, 0), (1,))):
        step = Step(learner, batches)
        step.expect_mean_loss(" if no target of one batch counts")
        step.expect_gradients(", if no target of one batch counts")


def test_the_batches_stay_as_they_were(learner: Port) -> None:
    """The function leaves the inputs and targets unchanged: the next epoch needs them again."""
    batches = micro_batches((2, 1), (0, 2))
    kept = learner.put(batches)
    model = model_of(learner)
    learner.keep("accumulate_step", model, kept, learner.probe("optimizer", algorithm="SGD", model=model, lr=0.5))
    expect_equal(kept.value(), batches, "the batches after the call")


def test_the_recorded_step_comes_out(learner: Port, golden: Golden) -> None:
    """A step on three batches gives the loss and the weights that a correct solution gives."""
    step = Step(learner, micro_batches((2, 1), (0,), (2, 2, 0)))
    golden.expect("loss", step.returned, "the loss")
    weights = step.model.parameters()
    golden.expect("out_head.weight", weights["out_head.weight"].value, "out_head.weight after the step")
