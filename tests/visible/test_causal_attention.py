"""Visible checks of `causal_attention`: each holds one law of every right answer, and as little else as possible."""

import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from grader.checks import (
    Golden,
    Port,
    expect_equal,
    expect_gradients_fit_the_output,
    expect_parameters,
    seeds,
    sizes,
    values,
)
from tests.visible import attention
from tests.visible.attention import DIMS, PROJECTIONS

RATES = st.sampled_from([0.2, 0.4, 0.75])


def test_parameters_are_the_three_projections(learner: Port) -> None:
    """The parameters are W_query.weight, W_key.weight, W_value.weight, (d_out, d_in) each; no biases by default.

    `nn.Linear` has a bias unless it is told otherwise; a tensor that is not trained belongs into a buffer.
    """
    module = learner.build("CausalAttention", d_in=3, d_out=2, context_length=4, dropout=0.1)
    expect_parameters(module, attention.parameter_shapes(3, 2))


def test_qkv_bias_gives_each_projection_a_bias(learner: Port) -> None:
    """With qkv_bias=True each of the three projections also has a bias, (d_out,).

    Is the argument handed on to all three projections?
    """
    module = learner.build("CausalAttention", d_in=3, d_out=2, context_length=4, dropout=0.1, qkv_bias=True)
    expect_parameters(module, attention.parameter_shapes(3, 2, qkv_bias=True))


@given(batch=sizes(1, 3), tokens=sizes(1, 5), spare=sizes(0, 3), d_in=sizes(1, 4), d_out=sizes(1, 4))
def test_every_batch_and_length_is_taken(
    learner: Port, batch: int, tokens: int, spare: int, d_in: int, d_out: int
) -> None:
    """(batch, tokens, d_in) becomes (batch, tokens, d_out) for 1 <= tokens <= context_length, float32 and float64.

    Is a mask made for context_length cut to the tokens at hand? Which dimension of x is which?
    """
    attention.expect_shape(learner, batch, tokens, tokens + spare, d_in, d_out)


@given(tokens=sizes(1, 6))
def test_every_token_sees_itself_and_all_before(learner: Port, tokens: int) -> None:
    """Every token gives some weight to itself and to each token before it, also where the scores are zero.

    A mask that hides the diagonal leaves the first token nothing to look at, and softmax over nothing is nan.
    """
    attention.expect_a_share_for_everyone_before(learner, tokens)


def test_every_projection_takes_part(learner: Port) -> None:
    """The output depends on W_query, on W_key and on W_value.

    Lines that were copied sometimes keep a name of the line they were copied from.
    """
    for name in PROJECTIONS:
        attention.expect_a_change(learner, (f"{name}.weight",))


def test_biases_are_added(learner: Port) -> None:
    """With qkv_bias=True the biases are added to queries, keys and values."""
    attention.expect_a_change(learner, tuple(f"{name}.bias" for name in PROJECTIONS), qkv_bias=True)


def test_the_query_chooses_among_the_keys(learner: Port) -> None:
    """A token's own query is compared with the other tokens' keys: the better they fit, the more it takes.

    In the table of scores the row is the query and the column the key; the transposed table mixes up who asks whom.
    """
    attention.expect_the_query_to_choose(learner)


@given(batch=sizes(1, 2), tokens=sizes(1, 5), seed=seeds())
def test_each_row_of_weights_sums_to_one(learner: Port, batch: int, tokens: int, seed: int) -> None:
    """The weights of each token sum to 1: where all values are alike, that value comes out.

    Softmax goes over the keys; and what is masked after it leaves a row that sums to less.
    """
    attention.expect_rows_that_sum_to_one(learner, batch, tokens, seed)


@given(batch=sizes(1, 2), earlier=sizes(1, 3), later=sizes(1, 3), seed=seeds())
def test_later_tokens_change_nothing(learner: Port, batch: int, earlier: int, later: int, seed: int) -> None:
    """What comes out for a token does not move when a later token changes.

    The mask hides what lies right of the diagonal, and must do so before the weights are made to sum to 1.
    """
    attention.expect_nothing_from_later_tokens(learner, batch, earlier + later, earlier, 2, seed)


@given(width=sizes(2, 9), tokens=sizes(2, 4), seed=seeds())
def test_scores_are_divided_by_the_root_of_d_out(learner: Port, width: int, tokens: int, seed: int) -> None:
    """Scores are divided by √d_out: with queries and keys 4 times as wide, a score twice as large weighs the same.

    Not by d_out, not by the root of d_in or of the number of tokens; and before softmax.
    """
    attention.expect_scale_of_the_width(learner, width, tokens, seed)


@given(batch=sizes(2, 3), tokens=sizes(1, 4), seed=seeds())
def test_texts_of_a_batch_are_separate(learner: Port, batch: int, tokens: int, seed: int) -> None:
    """Every text of a batch comes out as it does alone.

    The batch is the first dimension; what turns keys on their side leaves it where it is.
    """
    attention.expect_separate_texts(learner, batch, tokens, seed)


@given(tokens=sizes(1, 4), spare=sizes(1, 4), seed=seeds())
def test_context_length_is_only_a_limit(learner: Port, tokens: int, spare: int, seed: int) -> None:
    """A text comes out the same, however far its length stays below context_length.

    Nothing is computed from context_length but the size of a mask, which is cut to the tokens at hand.
    """
    attention.expect_context_length_to_be_a_limit(learner, tokens, spare, seed)


@given(seed=seeds())
def test_evaluation_mode_drops_nothing(learner: Port, seed: int) -> None:
    """After .eval() a module built with dropout gives what one without dropout gives.

    `nn.Dropout` knows the mode by itself; functions have to be told.
    """
    attention.expect_no_dropout_at_rest(learner, seed)


@given(rate=RATES, seed=seeds())
def test_training_mode_drops_weights_at_the_rate_asked(learner: Port, rate: float, seed: int) -> None:
    """In training mode each weight is either 0 or what it is otherwise, divided by 1 - dropout.

    Dropout comes after softmax, once, at the rate that was asked for, and nothing makes the rows sum to 1 again.
    """
    attention.expect_the_law_of_dropout(learner, rate, seed)


@given(seed=seeds())
def test_dropout_acts_on_the_weights(learner: Port, seed: int) -> None:
    """Dropout takes a token out of a mixture altogether: it acts on the weights, not on values or output.

    A dropped weight is missing from every number of the output, not from a single one.
    """
    attention.expect_dropout_on_the_weights(learner, seed)


def test_the_input_stays_as_it_was(learner: Port) -> None:
    """A forward pass leaves its input as it was.

    Operations that end in an underscore, and `x *= …`, write into the caller's tensor.
    """
    attention.expect_the_input_unchanged(learner)


@given(batch=sizes(1, 2), tokens=sizes(2, 3), seed=seeds())
def test_gradients_fit_the_output(learner: Port, batch: int, tokens: int, seed: int) -> None:
    """The gradients of the input and of the three projections are the slopes of your own output.

    Nothing on the way may be detached, or be computed without gradients.
    """
    drawn = attention.draw(3, 2, seed)
    module = attention.build(learner, drawn, tokens)
    expect_gradients_fit_the_output(module, values(batch, tokens, 3, seed=seed), drawn, seed)


@given(batch=sizes(1, 2), tokens=sizes(1, 4), seed=seeds())
def test_output_equals_torchs_attention(learner: Port, batch: int, tokens: int, seed: int) -> None:
    """With all parameters set, the output is that of torch's own causal attention."""
    drawn = attention.draw(3, 2, seed, qkv_bias=True)
    x = values(batch, tokens, 3, seed=seed)
    query, key, value = (F.linear(x, drawn[f"{name}.weight"], drawn[f"{name}.bias"]) for name in PROJECTIONS)
    due = F.scaled_dot_product_attention(query, key, value, is_causal=True)
    expect_equal(attention.build(learner, drawn, tokens)(x), due, "the output", dims=DIMS)


def test_the_recorded_example_comes_out(learner: Port, golden: Golden) -> None:
    """A recorded example with two texts of three tokens gives the recorded numbers."""
    module = attention.build(learner, attention.draw(3, 4, 11, scale=1.0), 3)
    golden.expect("output", module(values(2, 3, 3, seed=13)), "the output", dims=DIMS)
