"""Hidden checks of `gpt2_weights`: models of many sizes, and everything in them at once."""

from typing import Any

import torch
from hypothesis import assume, given
from hypothesis import strategies as st

from grader.checks import Port, expect_equal, expect_raises, seeds, sizes, values
from tests.visible.gpt2 import (
    SMALL,
    assigned,
    expect_head_of_its_own,
    expect_new_parameter,
    load,
    loaded,
    model_of,
    params_of,
    part,
)

SHAPES = st.lists(sizes(1, 3), min_size=1, max_size=3).map(tuple)


@st.composite
def configurations(draw: st.DrawFn) -> dict[str, Any]:
    """Draw the sizes of a model."""
    heads = draw(sizes(1, 2))
    drawn = {"vocab_size": draw(sizes(1, 7)), "context_length": draw(sizes(1, 5)), "n_layers": draw(sizes(1, 3))}
    return SMALL | drawn | {"emb_dim": heads * draw(sizes(1, 3)), "n_heads": heads}


@given(shape=SHAPES, dtype=st.sampled_from([torch.float32, torch.float64]), is_array=st.booleans(), seed=seeds())
def test_assigned_values_are_those_of_right_for_every_shape(
    learner: Port, shape: tuple[int, ...], dtype: torch.dtype, is_array: bool, seed: int
) -> None:
    """For every shape, the new parameter has the values and the dtype of `right`, an array or a tensor."""
    left, right = values(*shape, seed=seed, dtype=dtype), values(*shape, seed=seed + 1, dtype=dtype)
    expect_equal(learner.call("assign", left, right.numpy() if is_array else right), right, "the new parameter")


@given(shape=SHAPES, seed=seeds())
def test_assigned_parameters_are_new_ones(learner: Port, shape: tuple[int, ...], seed: int) -> None:
    """For every shape, `assign` makes a new trainable parameter, and leaves the old one as it was."""
    left = values(*shape, seed=seed)
    module, old = assigned(learner, left, values(*shape, seed=seed + 1))
    expect_new_parameter(module)
    expect_equal(old.value(), left, "`left` after the call")


@given(left=SHAPES, right=SHAPES, is_array=st.booleans())
def test_every_pair_of_different_shapes_is_refused(
    learner: Port, left: tuple[int, ...], right: tuple[int, ...], is_array: bool
) -> None:
    """Whatever two shapes differ, `assign` raises a ValueError."""
    assume(left != right)
    given_values = torch.ones(right).numpy() if is_array else torch.ones(right)
    with expect_raises(learner, "ValueError", because=f"left is {left} and right is {right}"):
        learner.call("assign", torch.ones(left), given_values)


@given(cfg=configurations(), seed=seeds())
def test_every_parameter_equals_the_reference(learner: Port, reference: Port, cfg: dict[str, Any], seed: int) -> None:
    """For a model of any size, every single parameter has the right values in the right places."""
    params = params_of(cfg, seed)
    got = loaded(learner, params, cfg)
    for name, expected in loaded(reference, params, cfg).items():
        expect_equal(part(got, name), expected, name)


@given(cfg=configurations(), seed=seeds())
def test_the_head_is_a_copy_for_every_size(learner: Port, cfg: dict[str, Any], seed: int) -> None:
    """In a model of any size, changing `tok_emb` after loading leaves `out_head` as it was."""
    expect_head_of_its_own(learner, cfg, seed)


@given(seed=seeds())
def test_a_second_loading_replaces_the_first(learner: Port, reference: Port, seed: int) -> None:
    """Loading other arrays into the same model replaces everything, and changes none of the arrays."""
    model, params = model_of(learner), learner.put(params_of(SMALL, seed))
    load(learner, model, params_of(SMALL, seed + 1))
    load(learner, model, params)
    got = {name: info.value for name, info in model.parameters().items()}
    for name, expected in loaded(reference, params_of(SMALL, seed)).items():
        expect_equal(part(got, name), expected, name)
    expect_equal(params.value(), params_of(SMALL, seed), "`params` after the call")
