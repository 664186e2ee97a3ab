"""Hidden checks of `lr_schedule`: many schedules, loaders and optimizers, compared with the reference."""

from typing import Any

import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.checks import Port, expect, expect_equal, expect_same, seeds, sizes, values
from tests.visible.schedules import LISTS, RATES, STILL, Scheduled, as_float, gentle_weights, gradients_of, norm_of
from tests.visible.training import batches_of, steep_weights


@st.composite
def schedules(draw: st.DrawFn) -> tuple[list[tuple[int, int]], dict[str, Any]]:
    """Draw the shapes of the batches, and the settings of a run in which a step is left after the warm-up."""
    shapes = draw(st.lists(st.tuples(sizes(1, 3), sizes(1, 4)), min_size=1, max_size=4))
    n_epochs = draw(sizes(2, 4))
    settings = {
        "n_epochs": n_epochs,
        "warmup_steps": draw(sizes(1, len(shapes) * n_epochs - 1)),
        "lr": draw(st.sampled_from([0.5, 0.2])),
        "initial_lr": draw(st.sampled_from([0.1, 0.01])),
        "min_lr": draw(st.sampled_from([0.05, 0.001])),
        "eval_freq": draw(sizes(1, 4)),
        "eval_iter": draw(sizes(1, 3)),
    }
    return shapes, settings


@given(shapes=st.lists(st.tuples(sizes(1, 3), sizes(1, 3)), min_size=1, max_size=4), shift=st.sampled_from([-9, 0, 9]))
def test_the_highest_gradient_is_found_in_models_of_all_kinds(
    learner: Port, shapes: list[tuple[int, int]], shift: int
) -> None:
    """The highest gradient is the largest value, for parameters of any number, shape and sign, and None before."""
    gradients = {f"p{number}": values(*shape, seed=number) + shift for number, shape in enumerate(shapes)}
    starts = {name: torch.zeros_like(value) for name, value in gradients.items()}
    model = learner.probe("Weights", values=starts | {"without": torch.zeros(2)})
    nothing = learner.keep("find_highest_gradient", model).value()
    expect(nothing is None, got=f"{nothing}", expected="None, because no parameter has a gradient")
    model.keep("receive", gradients)
    got = as_float(learner.keep("find_highest_gradient", model))
    expect_equal(got, max(float(gradient.max()) for gradient in gradients.values()), "the highest gradient")


@given(drawn=schedules())
def test_the_rates_equal_the_reference(
    learner: Port, reference: Port, drawn: tuple[list[tuple[int, int]], dict[str, Any]]
) -> None:
    """For every number of batches and epochs, and every warm-up, each step has the rate of the schedule."""
    shapes, settings = drawn
    got, expected = (Scheduled(port, batches_of(*shapes), **settings).rates() for port in (learner, reference))
    expect_equal(got, expected, "the rates", dims=("step",), tolerance=RATES)


@given(drawn=schedules(), groups=sizes(2, 3))
def test_every_group_has_the_rate_of_every_schedule(
    learner: Port, drawn: tuple[list[tuple[int, int]], dict[str, Any]], groups: int
) -> None:
    """In every schedule, all parameter groups have the same rate at each step."""
    shapes, settings = drawn
    run = Scheduled(learner, batches_of(*shapes), groups=groups, **settings)
    for group in range(1, groups):
        what = f"the rates of parameter group {group}, compared with group 0,"
        expect_same(run.rates(group), run.rates(), what, tolerance=RATES)


@given(drawn=schedules())
def test_track_lrs_has_the_rates_of_every_schedule(
    learner: Port, drawn: tuple[list[tuple[int, int]], dict[str, Any]]
) -> None:
    """In every schedule, `track_lrs` lists the rate of each step."""
    shapes, settings = drawn
    run = Scheduled(learner, batches_of(*shapes), **settings)
    what = "track_lrs, compared with the rates at the optimizer's steps,"
    expect_same(run.noted_rates(), run.rates(), what, dims=("step",), tolerance=RATES)


@given(warmup_steps=sizes(1, 5))
def test_the_defaults_act_in_every_schedule(learner: Port, warmup_steps: int) -> None:
    """Without other values, every schedule is the one from 3e-5 toward 1e-6."""
    settings: dict[str, Any] = {"n_epochs": 3, "warmup_steps": warmup_steps, "lr": 3e-5}
    # With such small weights, no other rates change a gradient by about as much as a tolerance.
    settings["weights"] = {name: 0.01 * weight for name, weight in gentle_weights().items()}
    batches = batches_of((2, 3), (1, 2))
    default = Scheduled(learner, batches, **settings).rates()
    given = Scheduled(learner, batches, initial_lr=3e-5, min_lr=1e-6, **settings).rates()
    expect_same(default, given, "the rates with the defaults", dims=("step",), tolerance=RATES)


@given(warmup_steps=sizes(1, 5), texts=sizes(1, 3), seed=seeds())
def test_gradients_are_clipped_once_the_warm_up_is_over(
    learner: Port, warmup_steps: int, texts: int, seed: int
) -> None:
    """In a warm-up of any length, gradients stay as they are; from the second step after it on, their norm is 1."""
    batches, weights = batches_of((texts, 3), (2, 2), seed=seed % 1000), steep_weights()
    steps = Scheduled(learner, batches, n_epochs=4, warmup_steps=warmup_steps, weights=weights, **STILL).steps()
    for number, step in enumerate(steps):
        gradients = gradients_of(batches[number % 2], weights)
        divisor = 1.0 if number < warmup_steps else max(1.0, norm_of(gradients))
        for name, gradient in gradients.items() if number != warmup_steps else ():
            what = f"the gradient of {name} at step {number}, after warmup_steps={warmup_steps}"
            expect_equal(step["gradients"][name], gradient / divisor, what, tolerance=RATES)


@given(seed=seeds(), algorithm=st.sampled_from(["SGD", "AdamW"]), training=st.booleans(), eval_freq=sizes(1, 4))
def test_the_training_equals_the_reference(
    learner: Port, reference: Port, seed: int, algorithm: str, training: bool, eval_freq: int
) -> None:
    """With SGD and with AdamW, a training ends with the weights and lists of a correct one."""
    settings: dict[str, Any] = {"n_epochs": 2, "warmup_steps": 3, "lr": 0.1, "eval_iter": 2, "tilt": 0.5}
    settings |= {"algorithm": algorithm, "training": training, "eval_freq": eval_freq}
    batches = batches_of((2, 3), (1, 4), (3, 2), seed=seed % 1000)
    got, expected = (Scheduled(port, batches, **settings) for port in (learner, reference))
    for name in LISTS[:3]:
        expect_equal(got.parts()[name], expected.parts()[name], name)
    for name, value in expected.weights().items():
        expect_equal(got.weights()[name], value, f"{name} after training", tolerance=RATES)
