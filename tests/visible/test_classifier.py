"""Visible checks of `classifier`: they run the five functions on small classifiers that record how they are used."""

import math

import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.checks import Golden, Port, expect, expect_equal, sizes
from tests.visible.classifying import (
    DIFFERENCES,
    FLOAT64,
    HALVES,
    RESULTS,
    WIDTH,
    Tuning,
    accuracy_of,
    batch_loss,
    batch_of,
    batches_of,
    gradients_of,
    ignorant_model,
    loader_loss,
    marked,
    measured_by,
    model_of,
    review_of,
    sure_model,
    sure_weights,
    text_of,
    twin_of,
)

LAST_TOKENS = torch.tensor([[2, 4, 7], [5, 3, 6], [8, 0, 1], [1, 9, 4]]), torch.tensor([1, 0, 1, 0])
"""Texts whose classes are those that `sure_model` is sure of at the last token, and nowhere else."""
EVEN = batches_of((2, 3), (2, 2), (2, 4))
"""Three batches of two texts each."""
UNEVEN = batches_of((2, 3), (1, 4), (3, 2))
"""Three batches of 2, 1 and 3 texts."""
PAD = 9


@given(right=st.lists(st.booleans(), min_size=1, max_size=4))
def test_the_accuracy_is_the_share_of_right_classes(learner: Port, right: list[bool]) -> None:
    """The accuracy is the number of texts with the right class divided by the number of texts: from 0 to 1.

    3 of 4 is 0.75, not 75 and not 3. Each text has a row of logits, and the largest one of its row is the prediction.
    """
    got = accuracy_of(learner, [marked(*right)] * 2, sure_model(learner))
    expect_equal(
        got, sum(right) / len(right), f"the accuracy if {sum(right)} of {len(right)} texts in a batch are right"
    )


def test_the_accuracy_looks_at_the_last_token(learner: Port) -> None:
    """The prediction for a text is the class with the largest logit at its last token, the only one that saw it all."""
    expect_equal(accuracy_of(learner, [LAST_TOKENS], sure_model(learner)), 1.0, "the accuracy")


@given(num_batches=st.sampled_from([1, 2, 3, 5, None]))
def test_the_accuracy_is_over_the_first_num_batches(learner: Port, num_batches: int | None) -> None:
    """The accuracy covers the first `num_batches` batches: all of them if it's None or more than there are."""
    expected = {1: 1.0, 2: 0.75}.get(num_batches or 0, 0.5)
    got = accuracy_of(learner, HALVES, sure_model(learner), num_batches)
    expect_equal(got, expected, f"the accuracy over 3 batches, of which 2, 1 and 0 of 2 are right, for {num_batches=}")


@given(texts=sizes(1, 3), tokens=sizes(1, 4))
def test_knowing_nothing_costs_the_logarithm_of_two(learner: Port, texts: int, tokens: int) -> None:
    """If both classes have the same logit, the loss is ln 2, however many texts and tokens a batch has.

    The loss is a mean over the texts, not a sum.
    """
    loss = batch_loss(learner, batch_of(texts, tokens, 1), ignorant_model(learner))
    expect_equal(loss, math.log(2), "the loss")


def test_the_batch_loss_looks_at_the_last_token(learner: Port) -> None:
    """The loss compares the class of each text with the logits at its last token, and with no others.

    Here the model is sure of the right class at the last token, and of the wrong one at all others, so the loss is
    almost 0. `F.cross_entropy` expects plain logits, before any softmax.
    """
    expect_equal(batch_loss(learner, LAST_TOKENS, sure_model(learner)), 0.0, "the loss")


@given(num_batches=st.sampled_from([None, 1, 2, 3, 5]))
def test_the_loader_loss_is_the_mean_over_the_first_num_batches(learner: Port, num_batches: int | None) -> None:
    """The loss over a loader is the mean of its first `num_batches` batch losses: of all if it's None or too large."""
    losses = [batch_loss(learner, batch, sure_model(learner)) for batch in HALVES[:num_batches]]
    got = loader_loss(learner, HALVES, sure_model(learner), num_batches)
    expect_equal(got, sum(losses) / len(losses), f"the loss over 3 batches for {num_batches=}")


def test_the_loss_of_an_empty_loader_is_nan(learner: Port) -> None:
    """An empty loader has no mean: the loss is `nan`, not 0 and not an error, also with a number of batches."""
    for num_batches in (None, 2):
        got = loader_loss(learner, [], model_of(learner), num_batches)
        expect_equal(got, math.nan, f"the loss of an empty loader for {num_batches=}")


def test_a_review_is_spam_if_class_one_is_likelier(learner: Port) -> None:
    """`classify_review` returns "spam" if class 1 has the larger logit, and "not spam" if class 0 has it."""
    for bias, expected in (([0.0, 1.0], "spam"), ([1.0, 0.0], "not spam")):
        weights = {"out_head.weight": torch.zeros(2, WIDTH, dtype=FLOAT64)}
        weights["out_head.bias"] = torch.tensor(bias, dtype=FLOAT64)
        got = review_of(learner, text_of([1, 2, 3]), model_of(learner).set_parameters(weights), 3, pad_token_id=PAD)
        expect_equal(got, expected, f"the answer for the logits {bias}")


def test_a_review_has_the_class_of_its_last_position(learner: Port) -> None:
    """The class of a review is read at the last position, the only one that has seen all of it.

    In this check, the text has exactly `max_length` ids, and the model says one thing at its last id and the opposite
    at all others.
    """
    for ids, expected in (([2, 4, 6, 9], "spam"), ([1, 3, 5, 8], "not spam")):
        got = review_of(learner, text_of(ids), sure_model(learner), 4, pad_token_id=PAD)
        expect_equal(got, expected, f"the answer for the ids {ids}, of which odd ones mean spam,")


def test_a_short_review_is_padded_on_the_right(learner: Port) -> None:
    """A short text is padded on the right with `pad_token_id` to `max_length`, and its class is read after the padding.

    The training data were padded in the same way, so the model has learned to give its answer there.
    """
    for ids, pad, expected in (([2, 4, 6], 9, "spam"), ([1, 3, 5], 8, "not spam")):
        got = review_of(learner, text_of(ids), sure_model(learner), 5, pad_token_id=pad)
        expect_equal(got, expected, f"the answer for the ids {[*ids, pad, pad]}, of which odd ones mean spam,")


def test_a_long_review_keeps_its_beginning(learner: Port) -> None:
    """A text with more than `max_length` ids keeps the first `max_length` of them."""
    for ids, expected in (([1, 3, 5, 7, 2, 4], "spam"), ([2, 4, 6, 8, 1, 3], "not spam")):
        got = review_of(learner, text_of(ids), sure_model(learner), 4, pad_token_id=PAD)
        what = f"the answer for the ids {ids}, of which odd ones mean spam, with max_length=4"
        expect_equal(got, expected, what)


def test_training_returns_four_lists_and_a_number(learner: Port) -> None:
    """Losses come after steps 0, eval_freq, 2 · eval_freq, … of all epochs, and accuracies after each epoch.

    In 2 epochs of 4 batches, there are 8 steps, numbered 0 to 7. An `eval_freq` of 3 makes three losses.
    """
    batches = batches_of(*[(1, 2)] * 4)
    for eval_freq, losses in ((3, 3), (5, 2), (100, 1)):
        run = Tuning(learner, batches, num_epochs=2, eval_freq=eval_freq)
        lengths = [len(values) for values in run.lists().values()]
        expect(
            lengths == [losses, losses, 2, 2],
            got=f"lists of length {lengths}",
            expected=f"{losses} losses and 2 accuracies of each loader",
            where=f"8 steps in 2 epochs, eval_freq={eval_freq}",
        )


def test_each_batch_gets_one_step_in_training_mode(learner: Port) -> None:
    """The optimizer takes one step per batch in every epoch, in training mode, also after an evaluation."""
    steps = Tuning(learner, EVEN, num_epochs=2, eval_freq=2, training=False).steps()
    expect(len(steps) == 6, got=f"{len(steps)} steps", expected="6 for 2 epochs of 3 batches")
    modes = [step["training"] for step in steps]
    expect(all(modes), got=f"model.training was {modes} at the steps", expected="True at each")


def test_gradients_are_fresh_at_each_step(learner: Port) -> None:
    """Each step uses the gradients of its own batch only: nothing is left over from earlier batches.

    In this check the learning rate is 0, so the weights stay as they are, and each batch has its own gradients.
    """
    steps = Tuning(learner, EVEN, tilt=0.5, num_epochs=2, lr=0.0).steps()
    for number, step in enumerate(steps):
        expected = gradients_of(EVEN[number % 3], tilt=0.5)
        for name in ("out_head.weight", "trf_blocks.0.mix.weight"):
            gradient = step["gradients"][name]
            arrived = gradient is not None
            expect(arrived, got=f"no gradient for {name} at step {number}", expected="the gradient of the batch's loss")
            expect_equal(gradient, expected[name], f"the gradient of {name} at step {number}", tolerance=DIFFERENCES)


def test_losses_are_measured_in_eval_mode(learner: Port) -> None:
    """Both losses are measured in eval mode. In training mode, dropout would be on and would spoil the measurement."""
    val = batch_of(2, 3, 50)
    got = Tuning(learner, EVEN[:1], val_batches=[val], tilt=0.5, lr=0.0).last("train_losses", "val_losses")
    expected = tuple(measured_by(twin_of(tilt=0.5), [batch])[0] for batch in (EVEN[0], val))
    expect_equal(got, expected, "the (training loss, validation loss)")


def test_accuracies_are_measured_in_eval_mode(learner: Port) -> None:
    """Both accuracies are measured in eval mode, like the losses.

    This model is always right in eval mode; in training mode, it says class 1 about everything.
    """
    zeros = torch.tensor([[2], [4]]), torch.tensor([0, 0])
    run = Tuning(learner, [zeros], val_batches=[zeros], weights=sure_weights(), tilt=100.0, eval_freq=1, lr=0.0)
    expect_equal(run.last("train_accs", "val_accs"), (1.0, 1.0), "the (training accuracy, validation accuracy)")


@given(eval_iter=sizes(1, 3))
def test_everything_is_measured_over_eval_iter_batches(learner: Port, eval_iter: int) -> None:
    """Losses and accuracies cover the first `eval_iter` batches of each loader, and each loader has its own lists."""
    run = Tuning(
        learner, HALVES, val_batches=HALVES[::-1], weights=sure_weights(), eval_iter=eval_iter, eval_freq=3, lr=0.0
    )
    twin = twin_of(sure_weights())
    train, val = (measured_by(twin, batches[:eval_iter]) for batches in (HALVES, HALVES[::-1]))
    losses, accuracies = run.last("train_losses", "val_losses"), run.last("train_accs", "val_accs")
    expect_equal(accuracies, (train[1], val[1]), f"the (training accuracy, validation accuracy) for {eval_iter=}")
    expect_equal(losses, (train[0], val[0]), f"the (training loss, validation loss) for {eval_iter=}")


def test_losses_and_accuracies_are_measured_after_the_step(learner: Port) -> None:
    """The last losses and accuracies are those of the model after its last step, not of the model before it."""
    val = batches_of((4, 3), seed=115)
    batches = batches_of((4, 3), (4, 2), seed=15)
    run = Tuning(learner, batches, val_batches=val, eval_iter=2, num_epochs=2, lr=0.5)
    twin = twin_of(run.weights())
    train, valid = measured_by(twin, batches), measured_by(twin, val)
    expect_equal(run.last("train_losses", "val_losses"), (train[0], valid[0]), "the (training loss, validation loss)")
    what = "the (training accuracy, validation accuracy)"
    expect_equal(run.last("train_accs", "val_accs"), (train[1], valid[1]), what)


def test_examples_seen_count_the_texts_of_all_epochs(learner: Port) -> None:
    """`examples_seen` is the number of texts in all batches of all epochs, neither of batches nor of tokens."""
    for num_epochs in (1, 2):
        run = Tuning(learner, UNEVEN, num_epochs=num_epochs, eval_freq=2)
        expect_equal(
            run.examples_seen(), 6.0 * num_epochs, f"examples_seen for batches of 2, 1 and 3 texts, {num_epochs=}"
        )


def test_the_recorded_training_comes_out(learner: Port, golden: Golden) -> None:
    """A training run of six steps gives the lists and weights that a correct solution gives."""
    run = Tuning(learner, EVEN, num_epochs=2, eval_freq=2, eval_iter=2, tilt=0.5)
    lists = run.lists()
    for name in RESULTS[:4]:
        golden.expect(name, lists[name], name)
    golden.expect("out_head.weight", run.weights()["out_head.weight"], "out_head.weight after training")
