"""Hidden checks of `self_attention`: many sizes and dtypes, compared with the reference, and more laws."""

import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.checks import Port, expect_equal, laws, seeds, sizes, values
from tests.visible.plain_attention import PLAIN_V1, PLAIN_V2

ANY_V1 = PLAIN_V1.of(tokens=sizes(1, 7), d_in=sizes(1, 6), d_out=sizes(1, 6), scale=2.0)
ANY_V2 = PLAIN_V2.of(tokens=sizes(1, 7), d_in=sizes(1, 6), d_out=sizes(1, 6), scale=2.0, qkv_bias=st.booleans())
OTHER_LENGTHS = {"tokens": sizes(2, 6)}


@given(
    n=sizes(1, 12), scale=st.sampled_from([0.1, 1.0, 5.0]), dtype=st.sampled_from(["float32", "float64"]), seed=seeds()
)
def test_softmax_equals_the_reference(
    learner: Port, reference: Port, n: int, scale: float, dtype: str, seed: int
) -> None:
    """The weights of `softmax_naive` are those of the formula, for rows of every length, in float32 and float64."""
    x = values(n, seed=seed, scale=scale).to(getattr(torch, dtype))
    got, expected = (port.call("softmax_naive", x) for port in (learner, reference))
    expect_equal(got, expected, "the weights", dims=("token",))


@given(n=sizes(1, 6), strided=st.booleans(), seed=seeds())
def test_softmax_leaves_scores_of_every_kind_as_they_were(learner: Port, n: int, strided: bool, seed: int) -> None:
    """`softmax_naive` leaves the scores that it gets unchanged, whatever their number and memory layout."""
    x = values(n, seed=seed)
    scores = learner.put(x, strided=strided)
    learner.call("softmax_naive", scores)
    expect_equal(scores.value(), x, "the scores after the call", dims=("token",))


test_v1_parameters_are_these_at_every_size = laws.parameters_are_exactly_these(
    PLAIN_V1.of(d_in=sizes(1, 5), d_out=sizes(1, 5)),
    title="At every size, the parameters of SelfAttention_v1 are the three matrices, and nothing else.",
    hint="",
)

test_v1_output_equals_the_reference = laws.output_equals_the_reference(
    ANY_V1, title="In float64, the output of SelfAttention_v1 matches the formula, for every size."
)

test_v1_gradients_equal_the_reference = laws.gradients_equal_the_reference(
    ANY_V1.of(tokens=sizes(1, 5), scale=1.0),
    title="The gradients of the input and of the three matrices of SelfAttention_v1 match the formula.",
)

test_v1_inputs_need_not_be_contiguous = laws.inputs_need_not_be_contiguous(
    PLAIN_V1.of(tokens=sizes(2, 4)), title="A non-contiguous input gives the same output of SelfAttention_v1."
)

test_v1_has_no_memory = laws.calls_do_not_influence_each_other(
    PLAIN_V1.of(tokens=sizes(1, 3)),
    other=PLAIN_V1.of(**OTHER_LENGTHS).draw(PLAIN_V1.changing),
    title="A call of SelfAttention_v1 gives the same output before and after calls with other lengths.",
)

test_v1_float32_agrees_with_float64 = laws.float32_agrees_with_float64(
    PLAIN_V1.of(tokens=sizes(1, 6), d_in=sizes(1, 5), d_out=sizes(1, 5)),
    title="In float32, the output of SelfAttention_v1 equals that in float64 up to rounding, and its dtype is float32.",
)

test_v2_parameters_are_these_at_every_size = laws.parameters_are_exactly_these(
    PLAIN_V2.of(d_in=sizes(1, 5), d_out=sizes(1, 5), qkv_bias=st.booleans()),
    title="At every size, the parameters of SelfAttention_v2 are the three weights, with biases if qkv_bias is set.",
    hint="",
)

test_v2_output_equals_the_reference = laws.output_equals_the_reference(
    ANY_V2,
    title="In float64, the output of SelfAttention_v2 matches the formula, for every size, with and without biases.",
)

test_v2_gradients_equal_the_reference = laws.gradients_equal_the_reference(
    ANY_V2.of(tokens=sizes(1, 5), scale=1.0),
    title="The gradients of the input and of the three layers of SelfAttention_v2 match the formula.",
)

test_v2_inputs_need_not_be_contiguous = laws.inputs_need_not_be_contiguous(
    PLAIN_V2.of(tokens=sizes(2, 4)), title="A non-contiguous input gives the same output of SelfAttention_v2."
)

test_v2_has_no_memory = laws.calls_do_not_influence_each_other(
    PLAIN_V2.of(tokens=sizes(1, 3)),
    other=PLAIN_V2.of(**OTHER_LENGTHS).draw(PLAIN_V2.changing),
    title="A call of SelfAttention_v2 gives the same output before and after calls with other lengths.",
)

test_v2_float32_agrees_with_float64 = laws.float32_agrees_with_float64(
    PLAIN_V2.of(tokens=sizes(1, 6), d_in=sizes(1, 5), d_out=sizes(1, 5)),
    title="In float32, the output of SelfAttention_v2 equals that in float64 up to rounding, and its dtype is float32.",
)
