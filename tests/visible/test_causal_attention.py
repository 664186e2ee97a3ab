"""Visible checks of `causal_attention`: each tests one rule of every right answer, and as little else as possible."""

import torch.nn.functional as F
from hypothesis import given

from grader.checks import Port, expect_equal, laws, seeds, sizes, values
from tests.visible import attention
from tests.visible.attention import CAUSAL, DIMS, NO_HEADS, PROJECTIONS

test_parameters_are_the_three_projections = laws.parameters_are_exactly_these(
    CAUSAL.of(tokens=4, dropout=0.1),
    title="The parameters are W_query.weight, W_key.weight, W_value.weight, each (d_out, d_in); no biases by default.",
    hint="`nn.Linear` has a bias unless you tell it otherwise. A tensor that isn't trained belongs in a buffer.",
)

test_qkv_bias_gives_each_projection_a_bias = laws.parameters_are_exactly_these(
    CAUSAL.of(tokens=4, dropout=0.1, qkv_bias=True),
    title="With qkv_bias=True, each of the three projections also has a bias of shape (d_out,).",
    hint="Do you pass the argument on to all three projections?",
)

test_every_batch_and_length_is_taken = laws.shape_and_dtype_are_right(
    CAUSAL.of(batch=sizes(1, 3), tokens=sizes(1, 5), spare=sizes(0, 3), d_in=sizes(1, 4), head_dim=sizes(1, 4)),
    title="(batch, tokens, d_in) becomes (batch, tokens, d_out) for 1 to context_length tokens, "
    "in float32 and float64.",
    hint="If your mask is made for context_length, is it cut to the number of tokens? Which dimension of x is which?",
)

test_every_token_sees_itself_and_all_before = attention.every_token_sees_itself_and_all_before(NO_HEADS)


def test_every_projection_takes_part(learner: Port) -> None:
    """The output depends on W_query, W_key and W_value.

    Did you copy a line and keep a name in it that should have changed?
    """
    for name in PROJECTIONS:
        attention.expect_a_change(learner, (f"{name}.weight",))


test_biases_are_added = attention.biases_are_added(NO_HEADS)

test_the_query_chooses_among_the_keys = attention.the_query_chooses_among_the_keys(NO_HEADS)

test_each_row_of_weights_sums_to_one = attention.each_row_of_weights_sums_to_one(NO_HEADS)

test_later_tokens_change_nothing = attention.later_tokens_change_nothing(NO_HEADS)

test_scores_are_divided_by_the_root_of_d_out = attention.scores_are_divided_by_the_root_of_the_width(NO_HEADS)

test_texts_of_a_batch_are_separate = laws.batch_elements_are_independent(
    CAUSAL.of(batch=sizes(2, 3), tokens=sizes(1, 4)),
    called="sequence {} of the batch",
    title="Each sequence in a batch gives the same output as it does by itself.",
    hint="The batch is the first dimension. When you transpose the keys, it has to stay first.",
)

test_context_length_is_only_a_limit = attention.context_length_is_only_a_limit(NO_HEADS)

test_evaluation_mode_drops_nothing = laws.dropout_is_off_in_evaluation_mode(
    CAUSAL.of(tokens=4),
    title="After .eval(), a module built with dropout gives the same output as one without.",
)

test_training_mode_drops_weights_at_the_rate_asked = attention.training_mode_drops_weights_at_the_rate_asked(NO_HEADS)

test_dropout_acts_on_the_weights = attention.dropout_acts_on_the_weights(NO_HEADS)

test_the_input_stays_as_it_was = laws.the_input_stays_as_it_was(
    CAUSAL, hint="Operations that end in an underscore, and `x *= …`, write into the caller's tensor."
)

test_the_output_is_on_the_inputs_device = laws.the_output_is_on_the_inputs_device(CAUSAL.of(batch=1, tokens=2))

test_gradients_fit_the_output = laws.gradients_fit_the_output(
    CAUSAL.of(batch=sizes(1, 2), tokens=sizes(2, 3)),
    title="The gradients of the input and of the three projections are the slopes of your output.",
)


@given(batch=sizes(1, 2), tokens=sizes(1, 4), seed=seeds())
def test_output_equals_torchs_attention(learner: Port, batch: int, tokens: int, seed: int) -> None:
    """With all parameters set, the output equals that of torch's own causal attention."""
    drawn = attention.draw(3, 2, seed, qkv_bias=True)
    x = values(batch, tokens, 3, seed=seed)
    query, key, value = (F.linear(x, drawn[f"{name}.weight"], drawn[f"{name}.bias"]) for name in PROJECTIONS)
    expected = F.scaled_dot_product_attention(query, key, value, is_causal=True)
    expect_equal(attention.build(learner, drawn, tokens)(x), expected, "the output", dims=DIMS)


test_the_recorded_example_comes_out = laws.the_recorded_example_comes_out(
    CAUSAL.of(head_dim=4),
    x=values(2, 3, 3, seed=13),
    parameters=attention.draw(3, 4, 11, scale=1.0),
    title="An example with two sequences of three tokens gives the numbers that a correct solution gives.",
)
