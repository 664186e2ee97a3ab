"""Visible checks of `multi_head_attention`: each tests one rule, and as little else as possible."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from grader.checks import (
    Port,
    expect_equal,
    expect_gradients_fit_the_output,
    expect_raises,
    expect_same,
    expect_tensor,
    laws,
    seeds,
    sizes,
    values,
)
from tests.visible import attention
from tests.visible.attention import DIMS, FLOAT64, HEADS, ONE_HEAD, PROJECTIONS

test_parameters_are_three_projections_and_out_proj = laws.parameters_are_exactly_these(
    HEADS.of(tokens=4, d_in=6, dropout=0.1, out_proj=True),
    title="The parameters are the weights of W_query, W_key, W_value (no biases by default), "
    "and out_proj with its bias.",
    hint="`nn.Linear` has a bias unless you tell it otherwise. A tensor that isn't trained belongs in a buffer.",
)

test_qkv_bias_gives_each_projection_a_bias = laws.parameters_are_exactly_these(
    HEADS.of(tokens=4, d_in=6, dropout=0.1, out_proj=True, qkv_bias=True),
    title="With qkv_bias=True, W_query, W_key and W_value also have a bias each, of shape (d_out,).",
    hint="Do you pass the argument on to all three projections? out_proj has a bias whatever it says.",
)


def test_an_uneven_split_is_refused(learner: Port) -> None:
    """If num_heads doesn't divide d_out, building the module raises ValueError or AssertionError.

    It's d_out that is cut into heads. Do you check it when the module is built, or only when it's called?
    """
    for d_in, d_out, num_heads in ((4, 5, 2), (6, 4, 3), (4, 2, 4)):
        with expect_raises(learner, because=f"{num_heads} heads do not divide d_out={d_out}"):
            learner.build(
                "MultiHeadAttention", d_in=d_in, d_out=d_out, context_length=3, dropout=0.0, num_heads=num_heads
            )


test_every_batch_and_length_is_taken = laws.shape_and_dtype_are_right(
    HEADS.of(
        batch=sizes(1, 3),
        tokens=sizes(1, 5),
        spare=sizes(0, 3),
        d_in=sizes(1, 5),
        head_dim=sizes(1, 3),
        num_heads=sizes(1, 3),
    ),
    title="(batch, tokens, d_in) becomes (batch, tokens, d_out) for 1 to context_length tokens, "
    "in float32 and float64.",
    hint="If your mask is made for context_length, is it cut to the number of tokens? Which dimension of x is which?",
)

test_every_token_sees_itself_and_all_before = attention.every_token_sees_itself_and_all_before(ONE_HEAD)


def test_every_projection_takes_part(learner: Port) -> None:
    """The output depends on W_query, W_key, W_value and out_proj.

    Did you copy a line and keep a name in it that should have changed?
    """
    for name in (*PROJECTIONS, "out_proj"):
        attention.expect_a_change(learner, (f"{name}.weight",), num_heads=2)


test_biases_are_added = attention.biases_are_added(2)


@given(tokens=sizes(1, 4), heads=sizes(2, 3), head_dim=sizes(1, 3), seed=seeds(), data=st.data())
def test_heads_stay_in_their_order(
    learner: Port, tokens: int, heads: int, head_dim: int, seed: int, data: st.DataObject
) -> None:
    """The heads go side by side, in order: before out_proj, column c comes from row c of W_value.

    On the way in, cut the last dimension, then bring the heads to the front. On the way back, swap first, then join.
    """
    d_out = heads * head_dim
    row = data.draw(sizes(0, d_out - 1), label="row")
    drawn = attention.draw(3, d_out, seed)
    x = values(2, tokens, 3, seed=seed)
    module = attention.build(learner, drawn, tokens, num_heads=heads)
    before = expect_tensor(module(x), (2, tokens, d_out), FLOAT64)
    drawn["W_value.weight"][row] += 1.0
    after = expect_tensor(module.set_parameters(drawn)(x), (2, tokens, d_out), FLOAT64)
    others = [column for column in range(d_out) if column != row]
    what = f"the output without column {row}, once row {row} of W_value has changed,"
    expect_same(after[..., others], before[..., others], what, dims=DIMS)


@settings(max_examples=30)
@given(tokens=sizes(2, 4), heads=sizes(2, 3), head_dim=sizes(2, 3), seed=seeds(), data=st.data())
def test_a_head_owns_contiguous_rows(
    learner: Port, tokens: int, heads: int, head_dim: int, seed: int, data: st.DataObject
) -> None:
    """Head h owns rows h·head_dim up to (h+1)·head_dim of each projection, and no head knows of the others.

    Along the last dimension, the head is the slow index and the position within the head is the fast one.
    """
    d_out = heads * head_dim
    head = data.draw(sizes(0, heads - 1), label="head")
    name = data.draw(st.sampled_from(["W_query.weight", "W_key.weight"]), label="name")
    drawn = attention.draw(3, d_out, seed, scale=1.0)
    x = values(2, tokens, 3, seed=seed)
    module = attention.build(learner, drawn, tokens, num_heads=heads)
    before = expect_tensor(module(x), (2, tokens, d_out), FLOAT64)
    rows = slice(head * head_dim, (head + 1) * head_dim)
    drawn[name][rows] = values(head_dim, 3, seed=seed + 1)
    after = expect_tensor(module.set_parameters(drawn)(x), (2, tokens, d_out), FLOAT64)
    others = [column for column in range(d_out) if column not in range(rows.start, rows.stop)]
    what = f"the output of the other heads, once {name} has changed for head {head},"
    expect_same(after[..., others], before[..., others], what, dims=DIMS)


@given(tokens=sizes(1, 3), seed=seeds())
def test_out_proj_is_applied_last(learner: Port, tokens: int, seed: int) -> None:
    """As the last step, the joined heads go through out_proj, with its weight and bias."""
    drawn = attention.draw(3, 4, seed)
    x = values(2, tokens, 3, seed=seed)
    plain = expect_tensor(attention.build(learner, drawn, tokens, num_heads=2)(x), (2, tokens, 4), FLOAT64)
    last = {"out_proj.weight": values(4, 4, seed=seed + 1), "out_proj.bias": values(4, seed=seed + 2)}
    module = attention.build(learner, drawn | last, tokens, num_heads=2)
    bias = last["out_proj.bias"] if "out_proj.bias" in module.parameters() else 0.0
    expect_equal(module(x), plain @ last["out_proj.weight"].mT + bias, "the output", dims=DIMS)


test_the_query_chooses_among_the_keys = attention.the_query_chooses_among_the_keys(ONE_HEAD)

test_each_row_of_weights_sums_to_one = attention.each_row_of_weights_sums_to_one(ONE_HEAD)

test_later_tokens_change_nothing = attention.later_tokens_change_nothing(ONE_HEAD)

test_scores_are_divided_by_the_root_of_head_dim = attention.scores_are_divided_by_the_root_of_the_width(
    ONE_HEAD,
    title="Scores are divided by √head_dim: a head w times as wide, with √w times the scores, gives the same weights.",
    hint="Which number do you take the square root of? Not d_in, and not the number of tokens. "
    "And do you scale before softmax?",
)


@given(heads=sizes(2, 4), tokens=sizes(2, 4), seed=seeds())
def test_more_heads_do_not_change_the_scale(learner: Port, heads: int, tokens: int, seed: int) -> None:
    """The scale uses the width of one head: several identical heads each give what a single head gives.

    Each head's dot product runs over head_dim numbers, not over d_out.
    """
    drawn = attention.draw(3, 2, seed, scale=1.0)
    x = values(1, tokens, 3, seed=seed)
    single = expect_tensor(attention.build(learner, drawn, tokens, num_heads=1)(x), (1, tokens, 2), FLOAT64)
    copies = {name: value.repeat(heads, 1) for name, value in drawn.items()}
    got = attention.build(learner, copies, tokens, num_heads=heads)(x)
    what = f"the output with {heads} equal heads, compared with one head,"
    expect_same(got, single.repeat(1, 1, heads), what, dims=DIMS)


test_texts_of_a_batch_are_separate = laws.batch_elements_are_independent(
    HEADS.of(num_heads=1, batch=sizes(2, 3), tokens=sizes(1, 4)),
    called="sequence {} of the batch",
    title="Each sequence in a batch gives the same output as it does by itself.",
    hint="The batch is the first dimension. When you transpose the keys, it has to stay first.",
)

test_context_length_is_only_a_limit = attention.context_length_is_only_a_limit(ONE_HEAD)

test_evaluation_mode_drops_nothing = laws.dropout_is_off_in_evaluation_mode(
    HEADS.of(num_heads=1, tokens=4),
    title="After .eval(), a module built with dropout gives the same output as one without.",
)

test_training_mode_drops_weights_at_the_rate_asked = attention.training_mode_drops_weights_at_the_rate_asked(ONE_HEAD)

test_dropout_acts_on_the_weights = attention.dropout_acts_on_the_weights(ONE_HEAD)

test_the_input_stays_as_it_was = laws.the_input_stays_as_it_was(
    HEADS.of(num_heads=1), hint="Operations that end in an underscore, and `x *= …`, write into the caller's tensor."
)


@given(heads=st.sampled_from([1, 2]), tokens=sizes(2, 3), seed=seeds())
def test_gradients_fit_the_output(learner: Port, heads: int, tokens: int, seed: int) -> None:
    """The gradients of the input and of every parameter are the slopes of your output.

    Is anything on the way detached, or computed without gradients?
    """
    drawn = attention.draw(3, 2, seed, num_heads=heads)
    module = attention.build(learner, drawn, tokens, num_heads=heads)
    expect_gradients_fit_the_output(module, values(2, tokens, 3, seed=seed), attention.present(module, drawn), seed)


@given(batch=sizes(1, 2), tokens=sizes(1, 4), heads=sizes(1, 3), seed=seeds())
def test_output_equals_torchs_multi_head_attention(
    learner: Port, batch: int, tokens: int, heads: int, seed: int
) -> None:
    """With all parameters set, the output equals that of torch's own multi-head attention."""
    size = 2 * heads
    drawn = attention.draw(size, size, seed, num_heads=heads, qkv_bias=True)
    x = values(batch, tokens, size, seed=seed)
    oracle = nn.MultiheadAttention(size, heads, batch_first=True, dtype=FLOAT64)
    oracle.load_state_dict(
        {
            "in_proj_weight": torch.cat([drawn[f"{name}.weight"] for name in PROJECTIONS]),
            "in_proj_bias": torch.cat([drawn[f"{name}.bias"] for name in PROJECTIONS]),
            "out_proj.weight": drawn["out_proj.weight"],
            "out_proj.bias": drawn["out_proj.bias"],
        }
    )
    later = torch.ones(tokens, tokens, dtype=torch.bool).triu(1)
    expected = oracle(x, x, x, attn_mask=later, need_weights=False)[0].detach()
    expect_equal(attention.build(learner, drawn, tokens, num_heads=heads)(x), expected, "the output", dims=DIMS)


test_the_output_is_on_the_inputs_device = laws.the_output_is_on_the_inputs_device(HEADS.of(batch=1, tokens=2))

test_the_recorded_example_comes_out = laws.the_recorded_example_comes_out(
    HEADS,
    x=values(2, 3, 3, seed=13),
    parameters=attention.draw(3, 4, 11, num_heads=2, scale=1.0),
    title="An example with two heads and two sequences of three tokens gives what a correct solution gives.",
)
