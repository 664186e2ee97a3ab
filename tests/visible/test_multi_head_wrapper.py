"""Visible checks of `multi_head_wrapper`: which heads there are, what reaches them, and how outputs are joined."""

import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from grader.checks import Port, expect_equal, expect_same, expect_tensor, laws, seeds, sizes, values
from tests.visible import side_by_side
from tests.visible.attention import DIMS, FLOAT64, PROJECTIONS
from tests.visible.side_by_side import WRAPPER

test_every_head_has_its_own_parameters = laws.parameters_are_exactly_these(
    WRAPPER.of(num_heads=3, dropout=0.1),
    title="The parameters are those of num_heads heads, heads.0.W_query.weight and so on, each (d_out, d_in); no "
    "biases by default.",
    hint="Are the heads in a container that torch knows, and is each a new object? A plain Python list hides them.",
)

test_qkv_bias_reaches_every_head = laws.parameters_are_exactly_these(
    WRAPPER.of(num_heads=3, qkv_bias=True),
    title="With qkv_bias=True, the three projections of every head also have a bias of shape (d_out,).",
    hint="Do you pass the argument on to the heads?",
)

test_outputs_go_side_by_side = laws.shape_and_dtype_are_right(
    WRAPPER.of(
        batch=sizes(1, 3),
        tokens=sizes(1, 5),
        spare=sizes(0, 2),
        d_in=sizes(1, 4),
        d_out=sizes(1, 3),
        num_heads=sizes(1, 3),
    ),
    title="(batch, tokens, d_in) becomes (batch, tokens, num_heads * d_out), in float32 and float64.",
    hint="Each head makes d_out numbers per token. They go next to each other, along the last dimension.",
)


@given(tokens=sizes(1, 3), heads=sizes(2, 3), d_out=sizes(1, 3), seed=seeds(), data=st.data())
def test_heads_stay_in_their_order(
    learner: Port, tokens: int, heads: int, d_out: int, seed: int, data: st.DataObject
) -> None:
    """Head h makes columns h·d_out up to (h+1)·d_out of the output, and nothing else.

    Which head comes first, and do the numbers of one head stay together?
    """
    head = data.draw(sizes(0, heads - 1), label="head")
    size = dict(WRAPPER.sizes) | {"tokens": tokens, "num_heads": heads, "d_out": d_out}
    drawn, x = WRAPPER.parameters(size, seed), WRAPPER.inputs(size, seed)
    module = WRAPPER.built(learner, size, drawn)
    before = expect_tensor(module(x), (2, tokens, heads * d_out), FLOAT64)
    drawn[f"heads.{head}.W_value.weight"] += 1.0
    after = expect_tensor(module.set_parameters(WRAPPER.fit(module, drawn))(x), before.shape, FLOAT64)
    others = [column for column in range(heads * d_out) if column // d_out != head]
    what = f"the output of the other heads, once heads.{head}.W_value has changed,"
    expect_same(after[..., others], before[..., others], what, dims=DIMS)


@given(heads=sizes(1, 3), length=st.sampled_from([1, 9, 33]))
def test_context_length_reaches_every_head(learner: Port, heads: int, length: int) -> None:
    """A sequence can be as long as the context_length that you get.

    Do you pass the argument on to the heads, in its position?
    """
    size = dict(WRAPPER.sizes) | {"batch": 1, "tokens": length, "num_heads": heads}
    got = WRAPPER.started(learner, size, 1)(WRAPPER.inputs(size, 1))
    expect_tensor(got, (1, length, heads * 2), FLOAT64)


@given(rate=st.sampled_from([0.2, 0.4, 0.75]), heads=sizes(1, 3), seed=seeds())
def test_dropout_reaches_every_head(learner: Port, rate: float, heads: int, seed: int) -> None:
    """In training mode, every head drops attention weights at the rate that you get, and nothing else is dropped.

    Do you pass the argument on to the heads? They do the rest.
    """
    side_by_side.expect_every_head_to_drop(learner, rate, heads, seed)


test_evaluation_mode_drops_nothing = laws.dropout_is_off_in_evaluation_mode(
    WRAPPER,
    title="After .eval(), a wrapper built with dropout gives the same output as one without.",
    hint="The heads know their mode if they are in a container that torch knows.",
)

test_the_input_stays_as_it_was = laws.the_input_stays_as_it_was(WRAPPER)

test_gradients_fit_the_output = laws.gradients_fit_the_output(
    WRAPPER.of(tokens=2, batch=1, num_heads=sizes(1, 2)),
    title="The gradients of the input and of every head's parameters are the slopes of your output.",
)


@given(batch=sizes(1, 2), tokens=sizes(1, 3), heads=sizes(1, 3), seed=seeds())
def test_every_head_equals_torchs_attention(learner: Port, batch: int, tokens: int, heads: int, seed: int) -> None:
    """Each head gives what torch's own causal attention gives with its parameters, for the whole input."""
    size = dict(WRAPPER.sizes) | {"tokens": tokens, "num_heads": heads}
    drawn, x = WRAPPER.parameters(size, seed), values(batch, tokens, 3, seed=seed)
    expected = torch.cat(
        [
            F.scaled_dot_product_attention(
                *(F.linear(x, drawn[f"heads.{head}.{name}.weight"]) for name in PROJECTIONS), is_causal=True
            )
            for head in range(heads)
        ],
        dim=-1,
    )
    expect_equal(WRAPPER.built(learner, size, drawn)(x), expected, "the output", dims=DIMS)


test_the_recorded_example_comes_out = laws.the_recorded_example_comes_out(
    WRAPPER,
    x=values(2, 3, 3, seed=13),
    parameters=WRAPPER.parameters(WRAPPER.sizes, 11),
    title="An example with two heads and two sequences of three tokens gives what a correct solution gives.",
)
