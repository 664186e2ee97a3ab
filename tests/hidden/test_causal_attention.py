"""Hidden checks of `causal_attention`: many sizes and dtypes, compared with the reference, and more tests of laws."""

import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.checks import Port, expect, expect_equal, laws, seeds, sizes, values
from tests.hidden import attention as further
from tests.visible import attention
from tests.visible.attention import CAUSAL, DIMS, NO_HEADS

test_parameters_are_these_at_every_size = laws.parameters_are_exactly_these(
    CAUSAL.of(d_in=sizes(1, 5), head_dim=sizes(1, 5), qkv_bias=st.booleans()),
    title="At every size, the parameters are the three projections, with biases if qkv_bias is set, and nothing else.",
    hint="",
)


@given(tokens=sizes(1, 5), blank=sizes(0, 4), seed=seeds())
def test_a_token_of_zeros_is_seen(learner: Port, reference: Port, tokens: int, blank: int, seed: int) -> None:
    """A token whose vector is all zeros sees others and is seen, like any other token.

    A score of zero is still a score. Only a token's position decides whether it's hidden.
    """
    drawn = attention.draw(3, 2, seed)
    x = values(2, tokens, 3, seed=seed)
    x[:, blank % tokens] = 0.0
    got, expected = (attention.build(port, drawn, tokens)(x) for port in (learner, reference))
    expect_equal(got, expected, "the output", dims=DIMS)


test_gradients_stop_at_later_tokens = further.gradients_stop_at_later_tokens(NO_HEADS)

test_later_tokens_stay_hidden_whatever_the_scores = further.later_tokens_stay_hidden_whatever_the_scores(NO_HEADS)

test_inputs_need_not_be_contiguous = laws.inputs_need_not_be_contiguous(CAUSAL.of(tokens=sizes(2, 4)))

test_calls_do_not_influence_each_other = laws.calls_do_not_influence_each_other(
    CAUSAL.of(batch=1, tokens=sizes(1, 3)),
    other=CAUSAL.of(batch=sizes(1, 2), tokens=sizes(2, 6)).draw(CAUSAL.changing),
    modes=("eval",),
    title="A call gives the same output before and after calls with other lengths: attention has no memory.",
    hint="Do you keep a mask from the first call, or keys and values from an earlier one?",
)

test_modules_share_nothing = laws.layers_share_nothing(CAUSAL.of(batch=1, tokens=1))

test_every_output_is_on_the_inputs_device = laws.the_output_is_on_the_inputs_device(
    CAUSAL, title="At every size, the layer computes on the device of its input."
)

test_a_rate_of_zero_drops_nothing = laws.dropout_of_zero_drops_nothing(CAUSAL.of(tokens=4))

test_no_rate_shows_in_evaluation_mode = laws.dropout_is_off_in_evaluation_mode(
    CAUSAL.of(tokens=4),
    rate=st.sampled_from([0.1, 0.9]),
    title="After .eval(), a module gives the same output as one without dropout, whatever its rate.",
)

test_the_law_of_dropout_holds_for_every_length = further.the_law_of_dropout_holds_for_every_length(NO_HEADS)

test_dropped_weights_are_as_many_as_asked = further.dropped_weights_are_as_many_as_asked(NO_HEADS)


@given(seed=seeds())
def test_each_weight_is_dropped_on_its_own(learner: Port, seed: int) -> None:
    """Which weights are dropped differs between sequences of a batch, between rows and between calls."""
    module, usual = attention.dropping(learner, 8, 0.5, seed)
    got = attention.dropped(module, 8, batch=4)[..., :8] == 0
    again = attention.dropped(module, 8, batch=4)[..., :8] == 0
    visible = usual[0, :, :8].abs() > 1e-6
    if not bool(got[:, visible].any()):
        return  # no dropout at all: another check reports that
    half = got[:, 4:, :4]  # 64 visible weights: alike by chance once in 10^14 runs
    same = {
        "in two sequences of a batch": torch.equal(got[0], got[1]),
        "in two calls": torch.equal(got, again),
        "in every row": bool((half == half[:, :1]).all()),
        "in every column": bool((half == half[:, :, :1]).all()),
    }
    where = ", ".join(scope for scope, alike in same.items() if alike)
    expect(not where, got=f"the same choice {where}", expected="a choice for each weight, sequence and call")


test_float32_agrees_with_float64 = laws.float32_agrees_with_float64(
    CAUSAL.of(batch=sizes(1, 3), tokens=sizes(1, 6), d_in=sizes(1, 5), head_dim=sizes(1, 5))
)

test_output_equals_the_reference = laws.output_equals_the_reference(
    CAUSAL.of(
        batch=sizes(1, 3),
        tokens=sizes(1, 7),
        spare=sizes(0, 3),
        d_in=sizes(1, 6),
        head_dim=sizes(1, 6),
        qkv_bias=st.booleans(),
        scale=2.0,
    ),
    title="In float64, the output matches the formula, for every size, with and without biases.",
)


@given(qkv_bias=st.booleans(), tokens=st.sampled_from([17, 33, 40]), seed=seeds())
def test_longer_texts_equal_the_reference(
    learner: Port, reference: Port, qkv_bias: bool, tokens: int, seed: int
) -> None:
    """Sequences longer than in the other checks come out right, too."""
    drawn = attention.draw(2, 3, seed, qkv_bias=qkv_bias)
    x = values(2, tokens, 2, seed=seed)
    got, expected = (attention.build(port, drawn, 40)(x) for port in (learner, reference))
    expect_equal(got, expected, "the output", dims=DIMS)


test_gradients_equal_the_reference = laws.gradients_equal_the_reference(
    CAUSAL.of(batch=sizes(1, 3), tokens=sizes(1, 5), d_in=sizes(1, 5), head_dim=sizes(1, 5), qkv_bias=st.booleans())
)
