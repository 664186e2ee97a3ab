"""Hidden checks of `multi_head_wrapper`: many sizes and dtypes, compared with the reference, and more laws."""

from hypothesis import given
from hypothesis import strategies as st

from grader.checks import Port, laws, seeds, sizes
from tests.visible import side_by_side
from tests.visible.side_by_side import WRAPPER

ANY_SIZE = WRAPPER.of(
    batch=sizes(1, 3),
    tokens=sizes(1, 4),
    spare=sizes(0, 2),
    d_in=sizes(1, 4),
    d_out=sizes(1, 4),
    num_heads=sizes(1, 4),
    qkv_bias=st.booleans(),
)

test_parameters_are_these_at_every_size = laws.parameters_are_exactly_these(
    ANY_SIZE.of(batch=1, tokens=3),
    title="At every size, the parameters are those of the heads, with biases if qkv_bias is set, and nothing else.",
    hint="",
)

test_inputs_need_not_be_contiguous = laws.inputs_need_not_be_contiguous(WRAPPER)

test_calls_do_not_influence_each_other = laws.calls_do_not_influence_each_other(
    WRAPPER.of(batch=1, tokens=sizes(1, 3)),
    other=WRAPPER.of(batch=1, tokens=sizes(1, 3)).draw(WRAPPER.changing),
    modes=("eval",),
    title="A call gives the same output before and after other calls: a wrapper has no memory.",
)


@given(rate=st.sampled_from([0.3, 0.6, 0.9]), heads=sizes(1, 3), seed=seeds())
def test_every_head_drops_at_every_rate(learner: Port, rate: float, heads: int, seed: int) -> None:
    """In training mode, every head drops attention weights at the rate that you get, whatever it is."""
    side_by_side.expect_every_head_to_drop(learner, rate, heads, seed)


test_no_rate_shows_in_evaluation_mode = laws.dropout_is_off_in_evaluation_mode(
    WRAPPER,
    rate=st.sampled_from([0.1, 0.9]),
    title="After .eval(), a wrapper gives the same output as one without dropout, whatever its rate.",
)

test_float32_agrees_with_float64 = laws.float32_agrees_with_float64(WRAPPER.of(num_heads=sizes(1, 3)))

test_output_equals_the_reference = laws.output_equals_the_reference(
    ANY_SIZE, title="In float64, the output matches that of the heads side by side, with and without biases."
)

test_longer_texts_equal_the_reference = laws.output_equals_the_reference(
    WRAPPER.of(batch=1, tokens=st.sampled_from([17, 40])),
    title="Sequences longer than in the other checks come out right, too.",
)

test_gradients_equal_the_reference = laws.gradients_equal_the_reference(
    ANY_SIZE.of(tokens=sizes(1, 3), batch=sizes(1, 2), num_heads=sizes(1, 2)),
    title="The gradients of the input and of every head's parameters match the formula.",
)
