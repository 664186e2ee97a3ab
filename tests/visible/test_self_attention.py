"""Visible checks of `self_attention`: a softmax by hand, then both classes, each rule by itself."""

import torch
from hypothesis import given

from grader.checks import Golden, Port, expect_equal, expect_tensor, laws, seeds, sizes, values
from tests.visible import attention, plain_attention
from tests.visible.plain_attention import PLAIN_V1, PLAIN_V2, V1, V2

FLOAT64 = torch.float64
NO_DIMENSION_FIXED = {"tokens": sizes(1, 5), "d_in": sizes(1, 4), "d_out": sizes(1, 4)}


@given(n=sizes(1, 5), seed=seeds())
def test_softmax_sums_to_one(learner: Port, n: int, seed: int) -> None:
    """The weights of `softmax_naive` sum to one.

    What do you divide by? It has to be the sum of what you divide.
    """
    got = expect_tensor(learner.call("softmax_naive", values(n, seed=seed)), (n,), FLOAT64, "the weights")
    expect_equal(got.sum(), torch.tensor(1.0, dtype=FLOAT64), "the sum of the weights")


@given(n=sizes(2, 4), seed=seeds())
def test_a_score_more_is_a_factor_of_e(learner: Port, n: int, seed: int) -> None:
    """A score that is larger by 1 gets e times the weight, about 2.718 times."""
    x = values(n, seed=seed)
    x[0] = x[1] + 1
    got = expect_tensor(learner.call("softmax_naive", x), (n,), FLOAT64, "the weights")
    expect_equal(got[0], got[1] * torch.tensor(1.0, dtype=FLOAT64).exp(), "the weight of the score larger by 1")


def test_softmax_leaves_the_scores_as_they_were(learner: Port) -> None:
    """`softmax_naive` leaves the scores that it gets unchanged.

    Operations that end in an underscore, and `x -= …`, write into the caller's tensor; `x = x - …` makes a new one.
    """
    x = values(3, seed=1)
    scores = learner.put(x)
    learner.call("softmax_naive", scores)
    expect_equal(scores.value(), x, "the scores after the call", dims=("token",))


def test_the_recorded_weights_come_out(learner: Port, golden: Golden) -> None:
    """A row of four scores gives the weights that a correct solution gives."""
    golden.expect("weights", learner.call("softmax_naive", values(4, seed=3)), "the weights", dims=("token",))


test_v1_has_three_matrices = laws.parameters_are_exactly_these(
    PLAIN_V1,
    title="The parameters of SelfAttention_v1 are W_query, W_key and W_value, each (d_in, d_out).",
    hint="A plain tensor isn't a parameter: wrap it in `nn.Parameter`. An `nn.Linear` would have (d_out, d_in) and a "
    "name that ends in `.weight`.",
)

test_v1_takes_every_length = laws.shape_and_dtype_are_right(
    PLAIN_V1.of(**NO_DIMENSION_FIXED),
    title="SelfAttention_v1 turns (tokens, d_in) into (tokens, d_out) for any number of tokens, in float32 or float64.",
)

test_v1_every_token_sees_every_token = plain_attention.every_token_sees_every_token(
    V1,
    title="In SelfAttention_v1, every token gives some weight to every token, if all scores are zero.",
)

test_v1_the_query_chooses_among_the_keys = plain_attention.the_query_chooses_among_the_keys(
    V1,
    title="In SelfAttention_v1, a token compares its query with all keys, and takes more from those that fit better.",
)

test_v1_each_row_of_weights_sums_to_one = plain_attention.each_row_of_weights_sums_to_one(
    V1,
    title="In SelfAttention_v1, each token's weights sum to 1, so if all values are equal, the output is that value.",
)

test_v1_divides_the_scores_by_the_root_of_d_out = plain_attention.scores_are_divided_by_the_root_of_d_out(
    V1,
    title="SelfAttention_v1 divides by √d_out: queries w times as wide, with √w times the scores, give equal weights.",
)

test_v1_the_input_stays_as_it_was = laws.the_input_stays_as_it_was(
    PLAIN_V1, title="SelfAttention_v1 leaves its input unchanged."
)

test_v1_gradients_fit_the_output = laws.gradients_fit_the_output(
    PLAIN_V1.of(tokens=sizes(2, 3)),
    title="The gradients of the input and of the three matrices of SelfAttention_v1 are the slopes of its output.",
)

test_v1_output_equals_torchs_attention = plain_attention.output_equals_torchs_attention(
    V1, title="With all parameters set, SelfAttention_v1 gives what torch's own attention gives without a mask."
)

test_v2_has_three_weights = laws.parameters_are_exactly_these(
    PLAIN_V2,
    title="SelfAttention_v2 has W_query.weight, W_key.weight, W_value.weight, (d_out, d_in), and by default no biases.",
    hint="`nn.Linear` has a bias unless you tell it otherwise.",
)

test_v2_qkv_bias_gives_each_layer_a_bias = laws.parameters_are_exactly_these(
    PLAIN_V2.of(qkv_bias=True),
    title="With qkv_bias=True, each of the three layers of SelfAttention_v2 also has a bias of shape (d_out,).",
    hint="Do you pass the argument on to all three layers?",
)

test_v2_takes_every_length = laws.shape_and_dtype_are_right(
    PLAIN_V2.of(**NO_DIMENSION_FIXED),
    title="SelfAttention_v2 turns (tokens, d_in) into (tokens, d_out) for any number of tokens, in float32 or float64.",
)

test_v2_every_token_sees_every_token = plain_attention.every_token_sees_every_token(
    V2,
    title="In SelfAttention_v2, every token gives some weight to every token, if all scores are zero.",
)

test_v2_the_query_chooses_among_the_keys = plain_attention.the_query_chooses_among_the_keys(
    V2,
    title="In SelfAttention_v2, a token compares its query with all keys, and takes more from those that fit better.",
)

test_v2_each_row_of_weights_sums_to_one = plain_attention.each_row_of_weights_sums_to_one(
    V2,
    title="In SelfAttention_v2, each token's weights sum to 1, so if all values are equal, the output is that value.",
)

test_v2_divides_the_scores_by_the_root_of_d_out = plain_attention.scores_are_divided_by_the_root_of_d_out(
    V2,
    title="SelfAttention_v2 divides by √d_out: queries w times as wide, with √w times the scores, give equal weights.",
)

test_v2_the_input_stays_as_it_was = laws.the_input_stays_as_it_was(
    PLAIN_V2, title="SelfAttention_v2 leaves its input unchanged."
)

test_v2_gradients_fit_the_output = laws.gradients_fit_the_output(
    PLAIN_V2.of(tokens=sizes(2, 3)),
    title="The gradients of the input and of the three layers of SelfAttention_v2 are the slopes of its output.",
)

test_v2_output_equals_torchs_attention = plain_attention.output_equals_torchs_attention(
    V2, title="With all parameters set, SelfAttention_v2 gives what torch's own attention gives without a mask."
)

test_v2_biases_are_added = plain_attention.output_equals_torchs_attention(
    V2, qkv_bias=True, title="With qkv_bias=True, the biases are added to queries, keys and values.", hint=""
)

test_the_recorded_example_comes_out = laws.the_recorded_example_comes_out(
    PLAIN_V2.of(d_out=4),
    x=values(3, 3, seed=13),
    parameters=attention.draw(3, 4, 11, scale=1.0),
    title="An example of three tokens gives the numbers that a correct SelfAttention_v2 gives.",
)
