"""Visible checks of `lr_schedule`: they train on small probes that record the learning rates and gradients."""

import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.checks import Golden, Handle, Port, expect, expect_equal, expect_same, seeds, sizes, values
from tests.visible.schedules import (
    LISTS,
    RATES,
    STILL,
    Scheduled,
    as_float,
    decay,
    gentle_weights,
    gradients_of,
    losses_after,
    norm_of,
    warm_up,
)
from tests.visible.training import batch_of, batches_of, number_of, steep_weights

BATCHES = batches_of((2, 3), (1, 4), (3, 2))
"""Three batches of different sizes."""


def highest(port: Port, gradients: dict[str, torch.Tensor | None]) -> Handle:
    """Ask for the highest gradient of a model whose parameters have these gradients."""
    zeros = {name: torch.zeros(2) if gradient is None else 0 * gradient for name, gradient in gradients.items()}
    model = port.probe("Weights", values=zeros)
    model.keep("receive", {name: gradient for name, gradient in gradients.items() if gradient is not None})
    return port.keep("find_highest_gradient", model)


@given(rows=sizes(1, 3), columns=sizes(1, 3), seed=seeds())
def test_the_highest_gradient_is_the_largest_value(learner: Port, rows: int, columns: int, seed: int) -> None:
    """`find_highest_gradient` returns the largest value in any parameter's gradient, with its sign.

    Of -5 and 2, the larger value is 2. If all values are negative, so is the largest.
    """
    gradients = [values(rows, columns, seed=seed + number) for number in range(3)]
    peak = max(float(gradient.max()) for gradient in gradients)
    for shift in (0.0, -peak - 0.5):
        for turn in range(3):
            named = dict(
                zip("abc", (gradient + shift for gradient in gradients[turn:] + gradients[:turn]), strict=True)
            )
            expect_equal(as_float(highest(learner, named)), peak + shift, "the highest gradient")


def test_parameters_without_a_gradient_do_not_count(learner: Port) -> None:
    """Parameters without a gradient are passed over, and if there is no gradient at all, the result is None."""
    negative = torch.tensor([[-3.0, -1.0]])
    for gradients in ({"a": None, "b": negative}, {"a": negative, "b": None}):
        what = "the highest gradient, if only one of two parameters has a gradient"
        expect_equal(as_float(highest(learner, gradients)), -1.0, what)
    got = highest(learner, {"a": None, "b": None}).value()
    expect(got is None, got=f"{got}", expected="None, because no parameter has a gradient")


def test_training_returns_four_lists(learner: Port) -> None:
    """`train_model` returns four lists: three with an entry for each evaluation, and the rates of all steps."""
    lists = Scheduled(learner, [*BATCHES, BATCHES[0]], eval_freq=2).parts()
    lengths = [len(lists[name]) for name in LISTS]
    expected = "2, 2, 2 and 4 entries for 4 steps with eval_freq=2"
    expect(lengths == [2, 2, 2, 4], got=f"{lengths[0]}, {lengths[1]}, {lengths[2]} and {lengths[3]}", expected=expected)


def test_each_batch_gets_one_step_in_training_mode(learner: Port) -> None:
    """The optimizer takes one step per batch in every epoch, in training mode, also after an evaluation."""
    steps = Scheduled(learner, BATCHES, n_epochs=2, eval_freq=1, training=False).steps()
    expect(len(steps) == 6, got=f"{len(steps)} steps", expected="6 for 2 epochs of 3 batches")
    modes = [step["training"] for step in steps]
    expect(all(modes), got=f"model.training was {modes} at the steps", expected="True at each")


def test_gradients_are_fresh_at_each_step(learner: Port) -> None:
    """Each step uses the gradients of its own batch only: nothing is left over from earlier batches.

    In this check, all batches are equal and the rate is almost 0, so all gradients should be equal, too.
    """
    steps = Scheduled(learner, BATCHES[:1] * 3, n_epochs=2, warmup_steps=5, **STILL).steps()[:5]
    expected = gradients_of(BATCHES[0], gentle_weights())["out_head.weight"]
    for number, step in enumerate(steps):
        expect_equal(
            step["gradients"]["out_head.weight"], expected, f"the gradient of out_head.weight at step {number}"
        )


@given(warmup_steps=sizes(1, 5))
def test_the_rate_climbs_from_initial_lr_to_the_peak(learner: Port, warmup_steps: int) -> None:
    """In the warm-up, the rate starts at `initial_lr`, and equal steps lead up to the peak, which comes right after it.

    The peak is the rate that the optimizer has when it arrives. Look at it before you change it.
    """
    run = Scheduled(learner, BATCHES * 2, warmup_steps=warmup_steps, lr=0.5, initial_lr=0.1, min_lr=0.02)
    what = f"the rates of a warm-up of {warmup_steps} from 0.1 to 0.5"
    expected = warm_up(warmup_steps, 0.1, 0.5)
    expect_equal(run.rates()[:warmup_steps], expected, what, dims=("step",), tolerance=RATES)


@given(warmup_steps=st.sampled_from([1, 2, 4, 5]))
def test_the_rate_falls_along_half_a_cosine(learner: Port, warmup_steps: int) -> None:
    """After the warm-up, the rate falls from the peak along half a cosine, over the steps that are left in all epochs.

    Half of the way, it is halfway between the peak and `min_lr`, which it would reach one step after the last one.
    """
    run = Scheduled(learner, BATCHES, n_epochs=2, warmup_steps=warmup_steps, lr=0.5, initial_lr=0.1, min_lr=0.02)
    what = f"the rates from 0.5 toward 0.02, after a warm-up of {warmup_steps} of 6 steps,"
    expected = decay(6 - warmup_steps, 0.5, 0.02)
    expect_equal(run.rates()[warmup_steps:], expected, what, dims=("step after the warm-up",), tolerance=RATES)


def test_every_parameter_group_gets_the_rate(learner: Port) -> None:
    """If the optimizer has several parameter groups, each of them gets the rate of the step."""
    run = Scheduled(learner, BATCHES, warmup_steps=2, groups=3)
    for group in (1, 2):
        what = f"the rates of parameter group {group}, compared with group 0,"
        expect_same(run.rates(group), run.rates(), what, dims=("step",), tolerance=RATES)


def test_track_lrs_has_the_rate_of_every_step(learner: Port) -> None:
    """`track_lrs` lists the rate that each step was taken with, whether there was an evaluation or not."""
    run = Scheduled(learner, BATCHES, n_epochs=2, eval_freq=2, warmup_steps=2, initial_lr=0.1, min_lr=0.02)
    what = "track_lrs, compared with the rates at the optimizer's steps,"
    expect_same(run.noted_rates(), run.rates(), what, dims=("step",), tolerance=RATES)


def test_the_schedule_has_its_defaults(learner: Port) -> None:
    """Without other values, `initial_lr` is 3e-5 and `min_lr` is 1e-6."""
    default = Scheduled(learner, BATCHES, warmup_steps=1, lr=1e-4).rates()
    given = Scheduled(learner, BATCHES, warmup_steps=1, lr=1e-4, initial_lr=3e-5, min_lr=1e-6).rates()
    expect_same(default, given, "the rates with the defaults", dims=("step",), tolerance=RATES)


def test_gradients_are_left_alone_during_the_warm_up(learner: Port) -> None:
    """During the warm-up, each step uses the gradients of its batch as they are, however large they are."""
    weights = steep_weights()
    steps = Scheduled(learner, BATCHES, n_epochs=2, warmup_steps=4, weights=weights, **STILL).steps()[:4]
    for number, step in enumerate(steps):
        norm, expected = norm_of(step["gradients"]), norm_of(gradients_of(BATCHES[number % 3], weights))
        same = abs(norm - expected) <= 1e-4 * expected
        where = f"step {number} of a warm-up of 4"
        expect(same, got=f"gradients of norm {norm:.5g}", expected=f"{expected:.5g}, that of the batch", where=where)


def test_gradients_are_clipped_to_norm_one_after_the_warm_up(learner: Port) -> None:
    """After the warm-up, the gradients of all parameters together have a norm of at most 1.

    Larger ones keep their direction: all of them are divided by the same number. Smaller ones stay as they are.
    Whether the first step after the warm-up is clipped is free.
    """
    for size, weights in (("small", gentle_weights()), ("large", steep_weights())):
        steps = Scheduled(learner, BATCHES, n_epochs=2, warmup_steps=1, weights=weights, **STILL).steps()
        for number, step in enumerate(steps[2:], start=2):
            gradients = gradients_of(BATCHES[number % 3], weights)
            norm = norm_of(gradients)
            for name, gradient in gradients.items():
                what = f"the gradient of {name} at step {number} ({size} gradients: the batch's norm is {norm:.4g})"
                expect_equal(step["gradients"][name], gradient / max(1.0, norm), what, tolerance=RATES)


def test_tokens_seen_are_noted_at_each_evaluation(learner: Port) -> None:
    """After steps 0, eval_freq, 2 · eval_freq, …, `track_tokens_seen` gets the input tokens of all steps so far."""
    for eval_freq, expected in ((1, [6, 10, 16, 22, 26, 32]), (4, [6, 26])):
        lists = Scheduled(learner, BATCHES, n_epochs=2, eval_freq=eval_freq).parts()
        expect_equal(lists["track_tokens_seen"], expected, f"the tokens seen with eval_freq={eval_freq}")


def test_the_losses_are_taken_after_the_step(learner: Port) -> None:
    """The recorded losses are those of `evaluate_model` after the step, over `eval_iter` batches of each loader."""
    run = Scheduled(learner, BATCHES, eval_freq=2, eval_iter=2, tilt=0.5)
    lists = run.parts()
    entries = [len(lists[name]) for name in ("train_losses", "val_losses")]
    expect(all(entries), got=f"{entries[0]} and {entries[1]} losses", expected="a loss for each evaluation")
    got = number_of(lists["train_losses"][-1]), number_of(lists["val_losses"][-1])
    expect_equal(
        got, losses_after(run, BATCHES[:2], [batch_of(2, 3, 50)]), "the (training loss, validation loss) recorded last"
    )


def test_the_recorded_training_comes_out(learner: Port, golden: Golden) -> None:
    """A training run of six steps gives the lists and the weights that a correct solution gives."""
    run = Scheduled(learner, BATCHES, n_epochs=2, eval_freq=2, eval_iter=2, warmup_steps=2, initial_lr=0.1, tilt=0.5)
    lists = run.parts()
    for name in LISTS[:3]:
        golden.expect(name, lists[name], name)
    golden.expect("rates", run.rates(), "the rates", dims=("step",))
    golden.expect("out_head.weight", run.weights()["out_head.weight"], "out_head.weight after training")
