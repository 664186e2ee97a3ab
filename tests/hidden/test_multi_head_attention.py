"""Hidden checks of `multi_head_attention`: many sizes and dtypes, compared with the reference, and more laws."""

import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.checks import (
    Port,
    expect,
    expect_equal,
    expect_raises,
    expect_same,
    expect_tensor,
    laws,
    seeds,
    sizes,
    values,
)
from tests.hidden import attention as further
from tests.visible import attention
from tests.visible.attention import DIMS, FLOAT64, HEADS, ONE_HEAD

ANY_SIZE = HEADS.of(
    batch=sizes(1, 3),
    tokens=sizes(1, 6),
    d_in=sizes(1, 6),
    num_heads=sizes(1, 4),
    head_dim=sizes(1, 4),
    qkv_bias=st.booleans(),
    out_proj=True,
)

test_parameters_are_these_at_every_size = laws.parameters_are_exactly_these(
    ANY_SIZE.of(batch=1, tokens=3, d_in=sizes(1, 5), num_heads=sizes(1, 3), head_dim=sizes(1, 3)),
    title="At every size, the parameters are the three projections, with biases if qkv_bias is set, and out_proj.",
    hint="",
)


@given(heads=sizes(2, 6), whole=sizes(0, 3), data=st.data())
def test_every_uneven_split_is_refused(learner: Port, heads: int, whole: int, data: st.DataObject) -> None:
    """For any number of heads, a d_out that it doesn't divide is refused when the module is built."""
    d_out = whole * heads + data.draw(sizes(1, heads - 1), label="rest")
    with expect_raises(learner, because=f"{heads} heads do not divide d_out={d_out}"):
        learner.build("MultiHeadAttention", d_in=2 * heads, d_out=d_out, context_length=3, dropout=0.0, num_heads=heads)


@given(tokens=sizes(2, 5), heads=sizes(2, 3), head_dim=sizes(1, 2), seed=seeds())
def test_later_tokens_change_nothing_in_any_head(
    learner: Port, tokens: int, heads: int, head_dim: int, seed: int
) -> None:
    """With several heads too, a token's output doesn't change when a later token changes.

    Do you keep tokens and heads apart, on the way in and on the way back?
    """
    module = attention.build(learner, attention.draw(3, heads * head_dim, seed), tokens, num_heads=heads)
    x = values(2, tokens, 3, seed=seed)
    before = expect_tensor(module(x), (2, tokens, heads * head_dim), FLOAT64)
    for first in range(1, tokens):
        other = x.clone()
        other[:, first:] = values(2, tokens - first, 3, seed=seed + first)
        after = expect_tensor(module(other), before.shape, FLOAT64)
        what = f"the output before token {first}, once that token has changed,"
        expect_same(after[:, :first], before[:, :first], what, dims=DIMS)


test_gradients_stop_at_later_tokens = further.gradients_stop_at_later_tokens(ONE_HEAD)

test_texts_of_a_batch_are_separate_in_every_head = laws.batch_elements_are_independent(
    HEADS.of(batch=sizes(2, 3), tokens=sizes(1, 4), num_heads=sizes(2, 3)),
    called="sequence {} of the batch",
    title="With several heads too, each sequence in a batch gives the same output as it does by itself.",
)

test_later_tokens_stay_hidden_whatever_the_scores = further.later_tokens_stay_hidden_whatever_the_scores(ONE_HEAD)

test_inputs_need_not_be_contiguous = laws.inputs_need_not_be_contiguous(HEADS.of(tokens=sizes(2, 4)))

test_calls_do_not_influence_each_other = laws.calls_do_not_influence_each_other(
    HEADS.of(batch=1, tokens=sizes(1, 3)),
    other=HEADS.of(batch=sizes(1, 2), tokens=sizes(2, 6)).draw(HEADS.changing),
    modes=("eval",),
    title="A call gives the same output before and after calls with other lengths: attention has no memory.",
    hint="Do you keep a mask from the first call, or keys and values from an earlier one?",
)

test_modules_share_nothing = laws.layers_share_nothing(HEADS.of(batch=1, tokens=1))

test_every_output_is_on_the_inputs_device = laws.the_output_is_on_the_inputs_device(
    HEADS, title="At every size, the layer computes on the device of its input."
)

test_a_rate_of_zero_drops_nothing = laws.dropout_of_zero_drops_nothing(HEADS.of(tokens=4))

test_no_rate_shows_in_evaluation_mode = laws.dropout_is_off_in_evaluation_mode(
    HEADS.of(num_heads=1, tokens=4),
    rate=st.sampled_from([0.1, 0.9]),
    title="After .eval(), a module gives the same output as one without dropout, whatever its rate.",
)

test_the_law_of_dropout_holds_for_every_length = further.the_law_of_dropout_holds_for_every_length(ONE_HEAD)

test_dropped_weights_are_as_many_as_asked = further.dropped_weights_are_as_many_as_asked(2)


@given(seed=seeds())
def test_each_weight_is_dropped_on_its_own(learner: Port, seed: int) -> None:
    """Which weights are dropped differs between sequences, heads, rows and calls."""
    module, usual = attention.dropping(learner, 8, 0.5, seed, num_heads=2)
    got = attention.dropped(module, 8, batch=4) == 0
    again = attention.dropped(module, 8, batch=4) == 0
    visible = usual[0].abs() > 1e-6
    if not bool(got[:, visible].any()):
        return  # no dropout at all: another check reports that
    half = got[:, 4:, :4]  # 64 visible weights: alike by chance once in 10^14 runs
    same = {
        "in two sequences of a batch": torch.equal(got[0], got[1]),
        "in both heads": torch.equal(got[..., :8], got[..., 8:]),
        "in two calls": torch.equal(got, again),
        "in every row": bool((half == half[:, :1]).all()),
        "in every column": bool((half == half[:, :, :1]).all()),
    }
    where = ", ".join(scope for scope, alike in same.items() if alike)
    expect(not where, got=f"the same choice {where}", expected="a choice for each weight, head, sequence and call")


SIZES = st.fixed_dictionaries(
    {
        "batch": sizes(1, 3),
        "tokens": sizes(1, 6),
        "d_in": sizes(1, 6),
        "heads": sizes(1, 4),
        "head_dim": sizes(1, 4),
        "qkv_bias": st.booleans(),
    }
)


@given(size=SIZES, seed=seeds())
def test_float32_agrees_with_float64(learner: Port, size: dict[str, int], seed: int) -> None:
    """In float32, the output equals that in float64 up to rounding, and its dtype is float32."""
    heads, tokens, d_out = size["heads"], size["tokens"], size["heads"] * size["head_dim"]
    drawn = attention.draw(size["d_in"], d_out, seed, num_heads=heads)
    x = values(size["batch"], tokens, size["d_in"], seed=seed)
    expected = attention.build(learner, drawn, tokens, num_heads=heads)(x)
    expected = expect_tensor(expected, (size["batch"], tokens, d_out), FLOAT64)
    single = attention.build(learner, drawn, tokens, num_heads=heads, dtype=torch.float32)
    expect_same(single(x.float()), expected.float(), "the output in float32, compared with float64,", dims=DIMS)


test_output_equals_the_reference = laws.output_equals_the_reference(
    ANY_SIZE.of(spare=sizes(0, 3)),
    title="In float64, the output matches the formula, for every size, with and without biases.",
)


@given(qkv_bias=st.booleans(), tokens=st.sampled_from([17, 33, 40]), seed=seeds())
def test_longer_texts_equal_the_reference(
    learner: Port, reference: Port, qkv_bias: bool, tokens: int, seed: int
) -> None:
    """Sequences longer than in the other checks come out right, too."""
    drawn = attention.draw(2, 6, seed, num_heads=3, qkv_bias=qkv_bias)
    x = values(2, tokens, 2, seed=seed)
    got, expected = (attention.build(port, drawn, 40, num_heads=3)(x) for port in (learner, reference))
    expect_equal(got, expected, "the output", dims=DIMS)


test_gradients_equal_the_reference = laws.gradients_equal_the_reference(ANY_SIZE)
