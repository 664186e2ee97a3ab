"""Hidden checks of `adamw`: many shapes, options and histories, compared with the reference."""

from typing import Any

import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.checks import Port, expect_equal, seeds, sizes, values
from tests.visible.generating import expect_gradients_on
from tests.visible.optimizers import CLOSE, Gradients, Run, expect_same_way

NAMES = ("a", "b", "c")
SHAPES = st.lists(st.lists(sizes(1, 3), max_size=3), min_size=3, max_size=3)


@st.composite
def options(draw: st.DrawFn) -> dict[str, Any]:
    """Draw the options of a group."""
    return {
        "lr": draw(st.sampled_from([0.01, 0.1, 0.5])),
        "betas": draw(st.sampled_from([(0.9, 0.999), (0.5, 0.6), (0.0, 0.9), (0.95, 0.5)])),
        "eps": draw(st.sampled_from([1e-8, 1e-2, 1.0])),
        "weight_decay": draw(st.sampled_from([0.0, 0.1, 1.0])),
    }


def gradients_of(start: Gradients, seed: int, missing: bool) -> Gradients:
    """Draw a gradient for each parameter; with `missing`, some have None."""
    present = torch.rand(len(start), generator=torch.Generator().manual_seed(seed)) < 0.6
    return {
        name: values(*value.shape, seed=1000 * seed + number) if present[number] or not missing else None
        for number, (name, value) in enumerate(start.items())
        if value is not None
    }


def start_of(shapes: list[list[int]], seed: int) -> dict[str, torch.Tensor]:
    """Draw the values that the parameters start with."""
    return {
        name: values(*shape, seed=seed + number) for number, (name, shape) in enumerate(zip(NAMES, shapes, strict=True))
    }


@given(shapes=SHAPES, own=options(), seed=seeds())
def test_steps_equal_the_reference(
    learner: Port, reference: Port, shapes: list[list[int]], own: dict[str, Any], seed: int
) -> None:
    """For parameters of every shape and for every choice of options, the steps are those of the formula."""
    start = start_of(shapes, seed)
    steps = [gradients_of(start, seed + number, missing=False) for number in range(4)]
    run, expected = (Run(port, start, **own).step(*steps) for port in (learner, reference))
    run.expect(expected.values(), "after four steps")


@given(first=options(), second=options(), third=options(), seed=seeds())
def test_groups_equal_the_reference(
    learner: Port, reference: Port, first: dict[str, Any], second: dict[str, Any], third: dict[str, Any], seed: int
) -> None:
    """Groups with options of their own, which change between two steps, move as the formula says."""
    start = start_of([[2], [1, 2], []], seed)
    groups = [(["a", "c"], first), (["b"], second)]
    steps = [gradients_of(start, seed + number, missing=False) for number in range(4)]
    runs = []
    for port in (learner, reference):
        run = Run(port, start, groups).step(*steps[:2])
        run.change(1, **third)
        runs.append(run.step(*steps[2:]))
    runs[0].expect(runs[1].values(), "after four steps, with other options for the last two")


@given(shapes=SHAPES, own=options(), seed=seeds())
def test_gradients_that_come_and_go_equal_the_reference(
    learner: Port, reference: Port, shapes: list[list[int]], own: dict[str, Any], seed: int
) -> None:
    """If gradients are None at some steps, each parameter takes its own steps, and stays where it is in between."""
    start = start_of(shapes, seed)
    steps = [gradients_of(start, seed + number, missing=True) for number in range(5)]
    run, expected = (Run(port, start, **own).step(*steps) for port in (learner, reference))
    run.expect(expected.values(), "after five steps, with gradients missing at some of them")


@given(shapes=SHAPES, own=options(), seed=seeds(), saved_after=sizes(1, 3))
def test_saving_and_loading_changes_nothing(
    learner: Port, shapes: list[list[int]], own: dict[str, Any], seed: int, saved_after: int
) -> None:
    """Whenever the state is saved and loaded into a fresh optimizer, the steps that follow are the same."""
    start = start_of(shapes, seed)
    steps = [gradients_of(start, seed + number, missing=True) for number in range(5)]
    expected = Run(learner, start, **own).step(*steps).values()
    loaded = Run(learner, start, **own).step(*steps[:saved_after]).loaded(**own)
    when = f"after five steps, with the state saved and loaded after {saved_after},"
    loaded.step(*steps[saved_after:]).expect_same(expected, when)


@given(shapes=SHAPES, own=options(), seed=seeds())
def test_gradients_of_every_shape_stay(learner: Port, shapes: list[list[int]], own: dict[str, Any], seed: int) -> None:
    """A step leaves gradients of every shape unchanged, with every choice of options."""
    start = start_of(shapes, seed)
    steps = [gradients_of(start, seed + number, missing=True) for number in range(2)]
    run = Run(learner, start, **own).step(*steps)
    expect_equal(run.weights.call("gradients"), steps[-1], "the gradients after the step")


@given(own=options(), seed=seeds())
def test_float32_parameters_stay_in_float32(learner: Port, reference: Port, own: dict[str, Any], seed: int) -> None:
    """Parameters in float32, which are the usual ones, stay in float32 and move like those in float64."""
    start = start_of([[2, 2], [3], [1]], seed)
    steps = [gradients_of(start, seed + number, missing=False) for number in range(3)]
    single = {name: value.float() for name, value in start.items()}
    singles = [{name: value.float() for name, value in step.items() if value is not None} for step in steps]
    got = Run(learner, single, **own).step(*singles).values()
    for name, value in Run(reference, start, **own).step(*steps).values().items():
        expect_equal(got[name], value.float(), f"{name} after three steps", tolerance=CLOSE)


@given(shapes=SHAPES, seed=seeds())
def test_the_way_with_the_defaults_equals_the_reference(
    learner: Port, reference: Port, shapes: list[list[int]], seed: int
) -> None:
    """Without any options, the parameters go the way of the formula with the defaults."""
    start = start_of(shapes, seed)
    steps = [gradients_of(start, seed + number, missing=True) for number in range(3)]
    run, expected = (Run(port, start).step(*steps) for port in (learner, reference))
    expect_same_way(run, expected, start)


@given(shapes=SHAPES, own=options())
def test_gradients_are_on_again_after_every_step(learner: Port, shapes: list[list[int]], own: dict[str, Any]) -> None:
    """After a step, with and without gradients, gradients are on again."""
    start = start_of(shapes, 1)
    run = Run(learner, start, **own)
    for missing in (False, True):
        run.step(gradients_of(start, 1, missing=missing))
        expect_gradients_on(learner, "after `step`")
