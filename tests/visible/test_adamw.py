"""Visible checks of `adamw`: steps that you can work out by hand, and torch's own optimizer to compare with."""

import torch
from hypothesis import given

from grader.checks import Golden, Port, expect, expect_equal, seeds, values
from tests.visible.generating import expect_gradients_on
from tests.visible.optimizers import Run, Twin, expect_same_way, row_of

NO_DECAY = {"lr": 0.1, "weight_decay": 0.0}
START = {"a": row_of(1.0, -2.0)}
ONE = {"a": row_of(1.0, 1.0)}


def test_it_is_an_optimizer(learner: Port) -> None:
    """`AdamW` is a torch.optim.Optimizer: it has `param_groups` with the options, and `zero_grad` clears gradients."""
    run = Run(learner, START, lr=0.25)
    got = learner.probe("param_group", optimizer=run.optimizer).call("get", "lr")
    expect_equal(got, 0.25, "param_groups[0]['lr']")
    run.weights.keep("receive", ONE)
    run.optimizer.keep("zero_grad")
    gradient = run.weights.call("gradients")["a"]
    cleared = gradient is None or not bool(gradient.any())
    expect(cleared, got=f"the gradient {gradient}", expected="None or zeros", where="after zero_grad()")


def test_a_step_changes_the_parameters_themselves(learner: Port) -> None:
    """A step changes the parameters themselves: the model holds the same tensors, and they have other values.

    `p = p - …` makes a new tensor that nobody else knows; `p -= …` or `p.sub_(…)` changes the one that's there.
    """
    after = Run(learner, START, lr=0.1).step(ONE).values()["a"]
    expect(not torch.equal(after, START["a"]), got="the value before the step", expected="another value", where="in a")


def test_a_step_goes_against_the_gradient(learner: Port) -> None:
    """A number with a positive gradient gets smaller, one with a negative gradient larger."""
    after = Run(learner, START, **NO_DECAY).step({"a": row_of(3.0, -3.0)}).values()["a"]
    moved = (after - START["a"]).tolist()
    wrong = moved[0] > 0 or moved[1] < 0
    expect(not wrong, got=f"moves of {moved[0]:.3g} and {moved[1]:.3g}", expected="the first below 0, the second above")


def test_the_first_step_is_as_long_as_the_learning_rate(learner: Port) -> None:
    """The first step moves every number by the learning rate, no matter how large its gradient is.

    Both averages start at 0. The bias correction makes the first of them the gradient, and the second its square.
    """
    gradient = row_of(0.01, -1.0, 100.0)
    run = Run(learner, {"a": row_of(0.0, 0.0, 0.0)}, **NO_DECAY).step({"a": gradient})
    run.expect({"a": -0.1 * gradient.sign()}, "after the first step")


def test_steady_gradients_make_steady_steps(learner: Port) -> None:
    """If the gradient stays the same, every step is as long as the first: the correction counts the steps from 1."""
    run = Run(learner, {"a": row_of(0.0)}, **NO_DECAY).step(*[{"a": row_of(2.0)}] * 4)
    run.expect({"a": row_of(-0.4)}, "after four steps with the same gradient")


def test_the_averages_remember_earlier_gradients(learner: Port) -> None:
    """Each average keeps its beta of the past: of the mean it's the first beta, of the squares the second.

    After the gradients 2 and 0, with betas of 0.5 and 0.8, the mean is 0.5 and the mean of the squares 0.64. Divided
    by their corrections, 0.75 and 0.36, they are 2/3 and 16/9, so the second step is half as long as the first.
    """
    run = Run(learner, {"a": row_of(0.0)}, betas=(0.5, 0.8), **NO_DECAY).step({"a": row_of(2.0)}, {"a": row_of(0.0)})
    run.expect({"a": row_of(-0.15)}, "after the gradients 2 and 0")


def test_eps_is_added_to_the_corrected_root(learner: Port) -> None:
    """`eps` is added to the square root of the corrected average: if it equals that, the step is half as long.

    Where do you add it, and is it the eps that the caller asked for?
    """
    run = Run(learner, {"a": row_of(0.0)}, eps=0.5, **NO_DECAY).step({"a": row_of(0.5)})
    run.expect({"a": row_of(-0.05)}, "after the first step with eps=0.5")


def test_decay_is_a_share_of_the_weight(learner: Port) -> None:
    """With a gradient of 0, a step multiplies each weight by 1 - lr · weight_decay, and does nothing else.

    Weight decay is not a part of the gradient: there, the division by the square root would change its size.
    """
    run = Run(learner, START, lr=0.1, weight_decay=0.5).step({"a": row_of(0.0, 0.0)})
    run.expect({"a": 0.95 * START["a"]}, "after a step with a gradient of 0")


def test_decay_is_of_the_weight_before_the_step(learner: Port) -> None:
    """The share is taken of the weight before the step, not of what the step made of it."""
    run = Run(learner, {"a": row_of(0.0)}, lr=0.5, weight_decay=0.5).step({"a": row_of(1.0)})
    run.expect({"a": row_of(-0.5)}, "after a step that starts at 0, where there is nothing to decay")


def test_parameters_without_a_gradient_stay(learner: Port) -> None:
    """A parameter whose gradient is None stays as it is: it doesn't decay, and earlier gradients don't move it."""
    start = {"a": row_of(1.0), "b": row_of(3.0)}
    run = Run(learner, start, lr=0.1, weight_decay=0.5).step({"a": row_of(1.0)})
    run.expect({"b": start["b"]}, "after a step without a gradient for it")
    before = run.values()
    run.step({"b": row_of(1.0)})
    run.expect({"a": before["a"]}, "after a step without a gradient for it, which follows one with a gradient")


def test_parameters_share_nothing(learner: Port) -> None:
    """Each parameter has its own averages: two together move as each does by itself."""
    steps = [{"a": row_of(1.0), "b": row_of(-2.0)}, {"a": row_of(0.5), "b": row_of(4.0)}]
    start = {"a": row_of(0.0), "b": row_of(0.0)}
    together = Run(learner, start, **NO_DECAY).step(*steps)
    for name in start:
        alone = Run(learner, {name: start[name]}, **NO_DECAY).step(*({name: step[name]} for step in steps))
        together.expect_same(alone.values(), "after two steps, with another parameter in the optimizer,")


def test_each_parameter_counts_its_own_steps(learner: Port) -> None:
    """A parameter that gets its first gradient late takes its first step then: it is as long as the learning rate."""
    run = Run(learner, {"a": row_of(0.0), "b": row_of(0.0)}, **NO_DECAY)
    run.step({"a": row_of(1.0)}, {"a": row_of(1.0)}, {"a": row_of(1.0), "b": row_of(1.0)})
    run.expect({"b": row_of(-0.1)}, "after its first gradient, at the third step")


def test_groups_have_their_own_options(learner: Port) -> None:
    """Each group has its own options: those of the constructor are only for what a group doesn't say."""
    start = {"a": row_of(1.0), "b": row_of(1.0), "c": row_of(1.0)}
    groups = [(["a"], {"weight_decay": 0.0}), (["b"], {"betas": (0.5, 0.6)}), (["c"], {"eps": 0.5})]
    steps = [{name: row_of(gradient) for name in start} for gradient in (1.0, -0.5)]
    options = {"lr": 0.1, "weight_decay": 0.5}
    run, twin = Run(learner, start, groups, **options), Twin(start, groups, **options)
    run.step(*steps).expect(twin.step(*steps).values(), "after two steps")


def test_the_learning_rate_is_read_at_each_step(learner: Port) -> None:
    """Each step uses the learning rate that its group has at that moment: a schedule changes it between steps."""
    start = {"a": row_of(0.0), "b": row_of(0.0)}
    run = Run(learner, start, [(["a"], {}), (["b"], {"lr": 0.01})], **NO_DECAY)
    steady = {"a": row_of(1.0), "b": row_of(1.0)}
    run.step(steady)
    run.change(0, lr=0.5)
    run.step(steady).expect({"a": row_of(-0.6), "b": row_of(-0.02)}, "after a step with lr=0.1 and one with lr=0.5")


def test_a_saved_state_goes_on(learner: Port) -> None:
    """After `state_dict` and `load_state_dict`, a fresh optimizer goes on as the saved one would have.

    Only what is in `self.state` is saved, for each parameter, and the options of the groups.
    """
    steps = [{"a": row_of(1.0, 3.0)}, {"a": row_of(-2.0, 0.0)}]
    expected = Run(learner, START, lr=0.1).step(*steps, ONE).values()
    saved = Run(learner, START, lr=0.1).step(*steps)
    saved.loaded(lr=0.1).step(ONE).expect_same(expected, "after the next step, with the state loaded,")


def test_gradients_stay_as_they_were(learner: Port) -> None:
    """A step leaves the gradients unchanged: whoever clips or logs them afterward finds what `backward` left."""
    gradients = {"a": row_of(2.0, -3.0)}
    run = Run(learner, START, lr=0.1, weight_decay=0.5).step(gradients)
    expect_equal(run.weights.call("gradients"), gradients, "the gradients after the step")


def test_the_options_have_their_defaults(learner: Port) -> None:
    """The defaults are those of torch: lr=1e-3, betas=(0.9, 0.999), eps=1e-8 and weight_decay=0.01."""
    start = {"a": row_of(1.0, 0.0)}
    steps = [{"a": row_of(1.0, 1e-8)}, {"a": row_of(-3.0, 2e-8)}, {"a": row_of(0.0, 0.0)}]
    expect_same_way(Run(learner, start).step(*steps), Twin(start).step(*steps), start)


@given(seed=seeds())
def test_steps_equal_those_of_torch(learner: Port, seed: int) -> None:
    """Step by step, the parameters are where torch's own AdamW would put them."""
    start = {"a": values(2, 3, seed=seed), "b": values(2, seed=seed + 1)}
    options = {"lr": 0.1, "betas": (0.8, 0.95), "eps": 1e-3, "weight_decay": 0.2}
    run, twin = Run(learner, start, **options), Twin(start, **options)
    for number in range(1, 5):
        gradients = {"a": values(2, 3, seed=seed + 10 * number), "b": values(2, seed=seed + 10 * number + 1)}
        run.step(gradients).expect(twin.step(gradients).values(), f"after step {number}")


def test_the_recorded_steps_come_out(learner: Port, golden: Golden) -> None:
    """Two parameters end up where a correct solution puts them."""
    start = {"a": values(3, seed=1), "b": values(2, seed=2)}
    steps = [{"a": values(3, seed=number), "b": values(2, seed=10 * number)} for number in range(3, 8)]
    run = Run(learner, start, lr=0.05, betas=(0.7, 0.9), weight_decay=0.1).step(*steps)
    golden.expect("a", run.values()["a"], "a after five steps")


def test_gradients_are_on_again_after_a_step(learner: Port) -> None:
    """After a step, gradients are on again: the next loss needs them.

    `with torch.no_grad():` switches them on again when its block ends; `torch.set_grad_enabled(False)` never does.
    """
    Run(learner, START, lr=0.1).step(ONE)
    expect_gradients_on(learner, "after `step`")
