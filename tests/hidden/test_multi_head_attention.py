"""Hidden checks of `multi_head_attention`: sizes and dtypes against the live reference, and further laws."""

import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.checks import (
    Port,
    expect,
    expect_equal,
    expect_parameters,
    expect_raises,
    expect_tensor,
    seeds,
    sizes,
    values,
)
from tests.visible import attention
from tests.visible.attention import DIMS, FLOAT64


@given(d_in=sizes(1, 5), head_dim=sizes(1, 3), heads=sizes(1, 3), qkv_bias=st.booleans())
def test_parameters_are_these_at_every_size(
    learner: Port, d_in: int, head_dim: int, heads: int, qkv_bias: bool
) -> None:
    """At every size the parameters are the three projections, with biases where qkv_bias says so, and out_proj."""
    d_out = heads * head_dim
    module = learner.build(
        "MultiHeadAttention",
        d_in=d_in,
        d_out=d_out,
        context_length=3,
        dropout=0.0,
        num_heads=heads,
        qkv_bias=qkv_bias,
    )
    expect_parameters(module, attention.parameter_shapes(d_in, d_out, num_heads=heads, qkv_bias=qkv_bias))


@given(heads=sizes(2, 6), whole=sizes(0, 3), data=st.data())
def test_every_uneven_split_is_refused(learner: Port, heads: int, whole: int, data: st.DataObject) -> None:
    """Whatever the number of heads, a d_out that it does not divide is refused when the module is built."""
    d_out = whole * heads + data.draw(sizes(1, heads - 1), label="rest")
    with expect_raises(learner, because=f"{heads} heads do not divide d_out={d_out}"):
        learner.build("MultiHeadAttention", d_in=2 * heads, d_out=d_out, context_length=3, dropout=0.0, num_heads=heads)


@given(tokens=sizes(2, 5), heads=sizes(2, 3), head_dim=sizes(1, 2), seed=seeds())
def test_later_tokens_change_nothing_in_any_head(
    learner: Port, tokens: int, heads: int, head_dim: int, seed: int
) -> None:
    """With several heads too, what comes out for a token does not move when a later token changes.

    Are tokens and heads kept apart, on the way in and on the way back?
    """
    module = attention.build(learner, attention.draw(3, heads * head_dim, seed), tokens, num_heads=heads)
    x = values(2, tokens, 3, seed=seed)
    before = expect_tensor(module(x), (2, tokens, heads * head_dim), FLOAT64)
    for first in range(1, tokens):
        other = x.clone()
        other[:, first:] = values(2, tokens - first, 3, seed=seed + first)
        after = expect_tensor(module(other), before.shape, FLOAT64)
        what = f"the output before token {first}, once that token has changed,"
        expect_equal(after[:, :first], before[:, :first], what, dims=DIMS)


@given(tokens=sizes(2, 5), seed=seeds())
def test_gradients_stop_at_later_tokens(learner: Port, tokens: int, seed: int) -> None:
    """The gradient of what comes out for a token, with respect to every later token, is zero."""
    module = attention.build(learner, attention.draw(3, 2, seed), tokens, num_heads=1)
    x = values(2, tokens, 3, seed=seed)
    for row in range(tokens - 1):
        upstream = torch.zeros(2, tokens, 2, dtype=FLOAT64)
        upstream[:, row] = values(2, 2, seed=seed + 1)
        gradient = module.gradients(x, upstream=upstream).inputs[0]
        if gradient is not None:  # that there is one is another check's claim
            what = f"the gradient of token {row}'s output with respect to the tokens after it"
            expect_equal(gradient[:, row + 1 :], torch.zeros(2, tokens - row - 1, 3, dtype=FLOAT64), what, dims=DIMS)


@given(batch=sizes(2, 3), tokens=sizes(1, 4), heads=sizes(2, 3), seed=seeds())
def test_texts_of_a_batch_are_separate_in_every_head(
    learner: Port, batch: int, tokens: int, heads: int, seed: int
) -> None:
    """With several heads too, every text of a batch comes out as it does alone."""
    module = attention.build(learner, attention.draw(3, 2 * heads, seed), tokens, num_heads=heads)
    x = values(batch, tokens, 3, seed=seed)
    whole = expect_tensor(module(x), (batch, tokens, 2 * heads), FLOAT64)
    for place in range(batch):
        alone = module(x[place : place + 1])
        expect_equal(alone, whole[place : place + 1], f"the output for text {place} of the batch alone", dims=DIMS)


@given(tokens=sizes(2, 5), score=st.sampled_from([-25.0, -10.0, 10.0, 25.0]), seed=seeds())
def test_later_tokens_stay_hidden_whatever_the_scores(learner: Port, tokens: int, score: float, seed: int) -> None:
    """Later tokens stay hidden where all visible scores are strongly negative, or strongly positive.

    What stands in for the score of a hidden token has to be far below every score that can occur.
    """
    query, key, value = torch.zeros(3, 1, 2, dtype=FLOAT64)
    query[0, 0], key[0, 0], value[0, 1] = score, 1.0, 1.0
    module = attention.build(learner, attention.projections(query, key, value), tokens, num_heads=1)
    x = torch.ones(1, tokens, 2, dtype=FLOAT64)
    x[..., 1] = values(tokens, seed=seed)
    other = x.clone()
    other[:, -1, 1] += 1.0
    before = expect_tensor(module(x), (1, tokens, 1), FLOAT64)[:, :-1]
    after = expect_tensor(module(other), (1, tokens, 1), FLOAT64)[:, :-1]
    expect_equal(after, before, "the output before the last token, once that has changed,", dims=DIMS)


@given(tokens=sizes(2, 4), seed=seeds())
def test_inputs_need_not_be_contiguous(learner: Port, tokens: int, seed: int) -> None:
    """An input with strides of its own (a transpose, a slice) gives the same output."""
    module = attention.build(learner, attention.draw(3, 4, seed), tokens, num_heads=2)
    x = values(2, tokens, 3, seed=seed)
    due = module(x)
    expect_equal(module(learner.put(x, strided=True)), due, "the output", dims=DIMS)


@given(short=sizes(1, 3), more=sizes(1, 3), seed=seeds())
def test_calls_do_not_influence_each_other(learner: Port, short: int, more: int, seed: int) -> None:
    """A call gives the same before and after calls with shorter and longer texts: attention has no memory.

    Was a mask kept from the first call, or keys and values from an earlier one?
    """
    drawn = attention.draw(3, 4, seed)
    first, second = values(1, short, 3, seed=seed), values(2, short + more, 3, seed=seed + 1)
    fresh = [attention.build(learner, drawn, short + more, num_heads=2)(x) for x in (first, second)]
    module = attention.build(learner, drawn, short + more, num_heads=2)
    for x, due in ((first, fresh[0]), (second, fresh[1]), (first, fresh[0])):
        expect_equal(module(x), due, "the output of a later call", dims=DIMS)


@given(seed=seeds(), mode=st.sampled_from(["train", "eval"]))
def test_a_rate_of_zero_drops_nothing(learner: Port, seed: int, mode: str) -> None:
    """With dropout=0.0 training mode and evaluation mode give the same."""
    module = attention.build(learner, attention.draw(3, 4, seed), 4, num_heads=2)
    x = values(2, 4, 3, seed=seed)
    due = module(x)
    getattr(module, mode)()
    expect_equal(module(x), due, "the output", dims=DIMS)


@given(rate=st.sampled_from([0.1, 0.9]), seed=seeds())
def test_no_rate_shows_in_evaluation_mode(learner: Port, rate: float, seed: int) -> None:
    """After .eval() a module gives what one without dropout gives, whatever its rate.

    `nn.Dropout` knows the mode by itself; functions have to be told.
    """
    attention.expect_no_dropout_at_rest(learner, seed, num_heads=1, rate=rate)


@given(tokens=sizes(4, 8), rate=st.sampled_from([0.3, 0.6, 0.9]), seed=seeds())
def test_the_law_of_dropout_holds_for_every_length(learner: Port, tokens: int, rate: float, seed: int) -> None:
    """In training mode, for texts of every length, a weight is dropped altogether or divided by 1 - dropout.

    Dropout comes after softmax, acts on the weights, and nothing makes the rows sum to 1 again.
    """
    attention.expect_the_law_of_dropout(learner, rate, seed, num_heads=1, tokens=tokens)
    attention.expect_dropout_on_the_weights(learner, seed, num_heads=1, tokens=tokens)


@given(rate=st.sampled_from([0.2, 0.8]), seed=seeds())
def test_dropped_weights_are_as_many_as_asked(learner: Port, rate: float, seed: int) -> None:
    """Of very many weights, about the share that was asked for is dropped.

    Dropout is given the probability with which a weight goes, not the one with which it stays.
    """
    module, usual = attention.dropping(learner, 8, rate, seed, num_heads=2)
    got = attention.dropped(module, 8, batch=12)[..., :8]
    visible = (usual[..., :8].abs() > 1e-6).expand_as(got)
    share = float((got[visible] == 0).double().mean())
    if share == 0:
        return  # that any are dropped is another check's claim
    # 400 weights and more: the standard deviation of the share is 0.02.
    where = f"share dropped of {int(visible.sum())} weights"
    expect(abs(share - rate) < 0.15, got=f"{share:.2f}", expected=f"about {rate}", where=where)


@given(seed=seeds())
def test_each_weight_is_dropped_on_its_own(learner: Port, seed: int) -> None:
    """Which weights are dropped differs between the texts of a batch, between heads, between rows and between calls."""
    module, usual = attention.dropping(learner, 8, 0.5, seed, num_heads=2)
    got = attention.dropped(module, 8, batch=4) == 0
    again = attention.dropped(module, 8, batch=4) == 0
    visible = usual[0].abs() > 1e-6
    if not bool(got[:, visible].any()):
        return  # that any are dropped is another check's claim
    half = got[:, 4:, :4]  # 64 weights that are all visible: alike by chance once in 10^14 runs
    same = {
        "in both texts of a batch": torch.equal(got[0], got[1]),
        "in both heads": torch.equal(got[..., :8], got[..., 8:]),
        "in two calls": torch.equal(got, again),
        "in every row": bool((half == half[:, :1]).all()),
        "in every column": bool((half == half[:, :, :1]).all()),
    }
    where = ", ".join(place for place, alike in same.items() if alike)
    expect(not where, got=f"the same choice {where}", expected="a choice for each weight, head, text and call")


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
    """In float32 the output is what it is in float64, within rounding, and it stays float32."""
    heads, tokens, d_out = size["heads"], size["tokens"], size["heads"] * size["head_dim"]
    drawn = attention.draw(size["d_in"], d_out, seed, num_heads=heads)
    x = values(size["batch"], tokens, size["d_in"], seed=seed)
    due = attention.build(learner, drawn, tokens, num_heads=heads)(x)
    due = expect_tensor(due, (size["batch"], tokens, d_out), FLOAT64)
    single = attention.build(learner, drawn, tokens, num_heads=heads, dtype=torch.float32)
    expect_equal(single(x.float()), due.float(), "the output", dims=DIMS)


@given(size=SIZES, spare=sizes(0, 3), seed=seeds())
def test_output_equals_the_reference(
    learner: Port, reference: Port, size: dict[str, int], spare: int, seed: int
) -> None:
    """In float64 the output is that of the formula, for every size, with and without biases."""
    heads, tokens = size["heads"], size["tokens"]
    drawn = attention.draw(
        size["d_in"], heads * size["head_dim"], seed, num_heads=heads, qkv_bias=bool(size["qkv_bias"])
    )
    x = values(size["batch"], tokens, size["d_in"], seed=seed)
    ports = (learner, reference)
    own, due = (attention.build(port, drawn, tokens + spare, num_heads=heads)(x) for port in ports)
    expect_equal(own, due, "the output", dims=DIMS)


@given(qkv_bias=st.booleans(), tokens=st.sampled_from([17, 33, 40]), seed=seeds())
def test_longer_texts_equal_the_reference(
    learner: Port, reference: Port, qkv_bias: bool, tokens: int, seed: int
) -> None:
    """Texts of some dozens of tokens come out right too."""
    drawn = attention.draw(2, 6, seed, num_heads=3, qkv_bias=qkv_bias)
    x = values(2, tokens, 2, seed=seed)
    own, due = (attention.build(port, drawn, 40, num_heads=3)(x) for port in (learner, reference))
    expect_equal(own, due, "the output", dims=DIMS)


@given(size=SIZES, seed=seeds())
def test_gradients_equal_the_reference(learner: Port, reference: Port, size: dict[str, int], seed: int) -> None:
    """The gradients of the input and of every parameter are those of the formula."""
    heads, tokens, d_out = size["heads"], size["tokens"], size["heads"] * size["head_dim"]
    drawn = attention.draw(size["d_in"], d_out, seed, num_heads=heads, qkv_bias=bool(size["qkv_bias"]))
    x = values(size["batch"], tokens, size["d_in"], seed=seed)
    upstream = values(size["batch"], tokens, d_out, seed=seed + 1)
    own, due = (
        attention.build(port, drawn, tokens, num_heads=heads).gradients(x, upstream=upstream)
        for port in (learner, reference)
    )
    expect_equal(own.inputs[0], due.inputs[0], "the gradient of the input", dims=DIMS)
    for name, right in due.parameters.items():
        got = own.parameters.get(name)
        if got is None and float(right.abs().max()) < 1e-12:
            continue  # a slope of zero need not be written down, as that of W_key.bias
        expect_equal(got, right, f"the gradient of {name}")
