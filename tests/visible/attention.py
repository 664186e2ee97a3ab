"""What the checks of both attention exercises share: modules with parameters of ours, and laws that hold for both.

If `num_heads` is None, they are about `CausalAttention`, otherwise about `MultiHeadAttention`. Unless a check sets it
otherwise, `out_proj` changes nothing, so that what comes out is what the heads computed.
"""

from collections.abc import Mapping
from dataclasses import replace

import torch
from hypothesis import strategies as st

from grader.checks import (
    Handle,
    Layer,
    Port,
    Size,
    expect,
    expect_equal,
    expect_tensor,
    law,
    seeds,
    sizes,
    values,
    weights,
)
from grader.wire.plain import Plain

FLOAT64 = torch.float64
DIMS = ("batch", "token", "feature")
PROJECTIONS = ("W_query", "W_key", "W_value")
NO_HEADS, ONE_HEAD = None, 1
"""What laws about `num_heads` are given: for `CausalAttention`, and for a `MultiHeadAttention` of one head."""


def parameter_shapes(
    d_in: int, d_out: int, *, num_heads: int | None = None, qkv_bias: bool = False
) -> dict[str, tuple[int, ...]]:
    """Return the parameters' names and shapes."""
    shapes: dict[str, tuple[int, ...]] = {f"{name}.weight": (d_out, d_in) for name in PROJECTIONS}
    if qkv_bias:
        shapes |= {f"{name}.bias": (d_out,) for name in PROJECTIONS}
    if num_heads is not None:
        shapes |= {"out_proj.weight": (d_out, d_out), "out_proj.bias": (d_out,)}
    return shapes


def draw(
    d_in: int, d_out: int, seed: int, *, num_heads: int | None = None, qkv_bias: bool = False, scale: float = 0.5
) -> dict[str, torch.Tensor]:
    """Draw values for the parameters; for those of `out_proj` only where `num_heads` is given."""
    return weights(parameter_shapes(d_in, d_out, num_heads=num_heads, qkv_bias=qkv_bias), seed, scale=scale)


def projections(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor) -> dict[str, torch.Tensor]:
    """Name the weights of the three projections."""
    return {"W_query.weight": query, "W_key.weight": key, "W_value.weight": value}


def build(
    port: Port,
    drawn: Mapping[str, torch.Tensor],
    context_length: int,
    *,
    num_heads: int | None = None,
    dropout: float = 0.0,
    dtype: torch.dtype = FLOAT64,
) -> Handle:
    """Build a module in evaluation mode with the parameters drawn."""
    d_out, d_in = drawn["W_query.weight"].shape
    arguments = {"d_in": d_in, "d_out": d_out, "context_length": context_length, "dropout": dropout}
    module = _started(port, arguments, num_heads, "W_query.bias" in drawn)
    if num_heads is not None:
        drawn = _with_plain_out_proj(drawn)
    if dtype is FLOAT64:
        module = module.double()
    return module.set_parameters(present(module, drawn))


def _started(port: Port, arguments: Mapping[str, Plain], num_heads: int | None, qkv_bias: bool) -> Handle:
    """Build a module in evaluation mode with the parameters that it starts with."""
    more: dict[str, Plain] = {} if num_heads is None else {"num_heads": num_heads}
    if qkv_bias:
        more["qkv_bias"] = True
    return port.build("CausalAttention" if num_heads is None else "MultiHeadAttention", **arguments, **more).eval()


def _with_plain_out_proj(drawn: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Add the values with which `out_proj` changes nothing, unless it has others."""
    d_out = len(drawn["W_query.weight"])
    return {"out_proj.weight": torch.eye(d_out), "out_proj.bias": torch.zeros(d_out), **drawn}


def present(module: Handle, drawn: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Leave out biases that are not there, and make zero those that are there unasked.

    So a missing bias, or one too many, costs the points of the checks that are about it, and no others.
    """
    found = module.parameters()
    needed = {
        name: value for name, value in drawn.items() if name in found or (name.startswith("W_") and "weight" in name)
    }
    spare = {f"{name}.bias" for name in PROJECTIONS} - set(drawn)
    return needed | {name: torch.zeros_like(found[name].value) for name in found if name in spare}


def _built(port: Port, size: Size) -> Handle:
    context_length = size["tokens"] + size["spare"]
    arguments = {"d_in": size["d_in"], "d_out": _d_out(size), "context_length": context_length}
    return _started(port, arguments | {"dropout": size["dropout"]}, size["num_heads"], size["qkv_bias"])


def _shapes(size: Size) -> dict[str, tuple[int, ...]]:
    num_heads = size["num_heads"] if size["out_proj"] else None
    return parameter_shapes(size["d_in"], _d_out(size), num_heads=num_heads, qkv_bias=size["qkv_bias"])


def _d_out(size: Size) -> int:
    return int(size["head_dim"] * (size["num_heads"] or 1))


CAUSAL = Layer(
    build=_built,
    sizes={
        "batch": 2,
        "tokens": 3,
        "spare": 0,
        "d_in": 3,
        "num_heads": None,
        "head_dim": 2,
        "qkv_bias": False,
        "out_proj": False,
        "dropout": 0.0,
        "scale": 1.0,
    },
    inputs=lambda size, seed: values(size["batch"], size["tokens"], size["d_in"], seed=seed, scale=size["scale"]),
    shapes=_shapes,
    output=lambda size: (size["batch"], size["tokens"], _d_out(size)),
    dims=DIMS,
    changing=("batch", "tokens"),
    random_start=True,
    fit=present,
)
"""`CausalAttention`: `head_dim` is its d_out, `spare` is how far context_length exceeds the tokens, `scale` is the
spread of the input. Checks draw the sizes that they are about."""
HEADS = replace(CAUSAL, fit=lambda module, drawn: present(module, _with_plain_out_proj(drawn))).of(num_heads=2)
"""`MultiHeadAttention`, with an `out_proj` that changes nothing unless its values are drawn too (`out_proj=True`)."""


@law(tokens=sizes(1, 6))
def every_token_sees_itself_and_all_before(num_heads: int | None, learner: Port, tokens: int) -> None:
    """Every token gives some weight to itself and to each token before it, also where the scores are zero.

    A mask that hides the diagonal leaves the first token nothing to look at, and softmax over nothing is nan.
    """
    one_hot = torch.eye(tokens, dtype=FLOAT64)
    drawn = projections(torch.zeros_like(one_hot), one_hot, one_hot)
    got = build(learner, drawn, tokens, num_heads=num_heads)(one_hot[None])
    table = expect_tensor(_with_nan_as_zero(got), (1, tokens, tokens), FLOAT64, "the table of weights")[0]
    seen = (table.abs() > 1e-3).tril().long()
    due = torch.ones(tokens, tokens, dtype=torch.int64).tril()
    expect_equal(seen, due, "what each token sees (1 = it does)", dims=("token", "sees token"), weights=True)


def expect_a_change(port: Port, names: tuple[str, ...], num_heads: int | None = None, qkv_bias: bool = False) -> None:
    """Fail unless the last token's output is another one when the parameters named are others."""
    drawn = draw(3, 4, 1, num_heads=num_heads, qkv_bias=qkv_bias)
    x = values(2, 3, 3, seed=2)
    module = build(port, drawn, 3, num_heads=num_heads)
    before = _last(module(x))
    changed = {**drawn, **{name: values(*drawn[name].shape, seed=3 + place) for place, name in enumerate(names)}}
    after = _last(module.set_parameters(present(module, changed))(x))
    expect(
        float((after - before).abs().max()) > 1e-6,
        got=f"the same output for two different values of {', '.join(names)}",
        expected="an output that depends on it",
    )


@law()
def biases_are_added(num_heads: int | None, learner: Port) -> None:
    """With qkv_bias=True the biases are added to queries, keys and values."""
    names = tuple(f"{name}.bias" for name in PROJECTIONS)
    expect_a_change(learner, names, num_heads=num_heads, qkv_bias=True)


@law(batch=sizes(1, 2), tokens=sizes(1, 5), seed=seeds())
def each_row_of_weights_sums_to_one(num_heads: int | None, learner: Port, batch: int, tokens: int, seed: int) -> None:
    """The weights of each token sum to 1: where all values are alike, that value comes out.

    Softmax goes over the keys; and what is masked after it leaves a row that sums to less.
    """
    drawn = draw(3, 2, seed)
    drawn["W_value.weight"][:, :2] = 0.0
    x = values(batch, tokens, 3, seed=seed)
    x[..., 2] = 1.0
    got = build(learner, drawn, tokens, num_heads=num_heads)(x)
    due = drawn["W_value.weight"][:, 2].expand(batch, tokens, 2)
    expect_equal(got, due, "the mixture of equal values", dims=DIMS)


@law(batch=sizes(1, 2), earlier=sizes(1, 3), later=sizes(1, 3), seed=seeds())
def later_tokens_change_nothing(
    num_heads: int | None, learner: Port, batch: int, earlier: int, later: int, seed: int
) -> None:
    """What comes out for a token does not move when a later token changes.

    The mask hides what lies right of the diagonal, and must do so before the weights are made to sum to 1.
    """
    tokens = earlier + later
    module = build(learner, draw(3, 2, seed), tokens, num_heads=num_heads)
    x = values(batch, tokens, 3, seed=seed)
    other = x.clone()
    other[:, earlier:] = values(batch, later, 3, seed=seed + 1)
    before = expect_tensor(module(x), (batch, tokens, 2), FLOAT64)[:, :earlier]
    after = expect_tensor(module(other), (batch, tokens, 2), FLOAT64)[:, :earlier]
    expect_equal(after, before, f"the output before token {earlier}, once that token has changed,", dims=DIMS)


@law(width=sizes(2, 9), tokens=sizes(2, 4), seed=seeds())
def scores_are_divided_by_the_root_of_the_width(
    num_heads: int | None, learner: Port, width: int, tokens: int, seed: int
) -> None:
    """Scores are divided by √d_out: with queries and keys 4 times as wide, a score twice as large weighs the same.

    Not by d_out, not by the root of d_in or of the number of tokens; and before softmax.
    """
    narrow = draw(2, 1, seed, scale=1.0)
    wide = {name: torch.zeros(width, 2, dtype=FLOAT64) for name in narrow}
    for name, row in narrow.items():
        wide[name][:1] = row * width**0.5 if name == "W_query.weight" else row
    x = values(1, tokens, 2, seed=seed)
    due = expect_tensor(build(learner, narrow, tokens, num_heads=num_heads)(x), (1, tokens, 1), FLOAT64)
    got = expect_tensor(build(learner, wide, tokens, num_heads=num_heads)(x), (1, tokens, width), FLOAT64)
    what = f"the output with queries {width} wide, against 1 wide,"
    expect_equal(got[..., :1], due, what, dims=DIMS)


@law()
def the_query_chooses_among_the_keys(num_heads: int | None, learner: Port) -> None:
    """A token's own query is compared with the other tokens' keys: the better they fit, the more it takes.

    In the table of scores the row is the query and the column the key; the transposed table mixes up who asks whom.
    """
    query, key, value = torch.zeros(3, 2, 3, dtype=FLOAT64)
    query[0, 0], key[0, 1], value[0, 2] = 4.0, 1.0, 1.0
    module = build(learner, projections(query, key, value), 2, num_heads=num_heads)
    shares = []
    for asked in (0.0, 1.0):
        x = torch.tensor([[[0.0, 1.0, 1.0], [asked, 0.0, 0.0]]], dtype=FLOAT64)
        shares.append(float(expect_tensor(module(x), (1, 2, 2), FLOAT64)[0, 1, 0]))
    expect(
        shares[1] > shares[0] + 0.1,
        got=f"of token 0 token 1 takes {shares[0]:.3f} with a query of zero, {shares[1]:.3f} with one that fits",
        expected="more with the query that fits",
        where="row = the token that asks (query), column = the token that is asked (key)",
    )


@law(tokens=sizes(1, 4), spare=sizes(1, 4), seed=seeds())
def context_length_is_only_a_limit(num_heads: int | None, learner: Port, tokens: int, spare: int, seed: int) -> None:
    """A text comes out the same, however far its length stays below context_length.

    Nothing is computed from context_length but the size of a mask, which is cut to the tokens at hand.
    """
    drawn = draw(3, 2, seed)
    x = values(2, tokens, 3, seed=seed)
    due = expect_tensor(build(learner, drawn, tokens, num_heads=num_heads)(x), (2, tokens, 2), FLOAT64)
    got = build(learner, drawn, tokens + spare, num_heads=num_heads)(x)
    expect_equal(got, due, f"the output with context_length={tokens + spare}, against {tokens},", dims=DIMS)


def dropping(
    port: Port, tokens: int, rate: float, seed: int, num_heads: int | None = None
) -> tuple[Handle, torch.Tensor]:
    """Build a module whose output is its table of weights, twice side by side; return both.

    The table is that without dropout. In columns j and tokens + j stands the weight for token j: of the only head, or
    of each of two.
    """
    one_hot = torch.eye(tokens, dtype=FLOAT64)
    query, key = values(2, tokens, tokens, seed=seed, scale=0.5)
    drawn = projections(query.repeat(2, 1), key.repeat(2, 1), one_hot.repeat(2, 1))
    usual = build(port, drawn, tokens, num_heads=num_heads)(one_hot[None])
    module = build(port, drawn, tokens, num_heads=num_heads, dropout=rate)
    return module, expect_tensor(usual, (1, tokens, 2 * tokens), FLOAT64, "the table of weights without dropout")


def dropped(module: Handle, tokens: int, batch: int = 1) -> torch.Tensor:
    """Return what `dropping` built gives in training mode for a batch of equal texts."""
    x = torch.eye(tokens, dtype=FLOAT64).expand(batch, tokens, tokens)
    return expect_tensor(module.train()(x.contiguous()), (batch, tokens, 2 * tokens), FLOAT64)


def expect_the_law_of_dropout(
    port: Port, rate: float, seed: int, num_heads: int | None = None, tokens: int = 5
) -> None:
    """Fail unless in training mode every weight is 0 or its usual self divided by 1 - rate, and some are 0."""
    module, usual = dropping(port, tokens, rate, seed, num_heads)
    # 120 weights of 5 tokens: that none of them is dropped at a rate of 0.2 happens once in 10^11 runs.
    got = dropped(module, tokens, batch=8)
    usual = usual.expand_as(got)
    gone = got.abs() < 1e-9
    due = torch.where(gone, torch.zeros_like(usual), usual / (1 - rate))
    expect_equal(got, due, f"the weights in training mode, with dropout={rate},", dims=DIMS, weights=True)
    visible = usual.abs() > 1e-6
    expect(bool(gone[visible].any()), got="none of the weights is 0", expected="some of them dropped, that is 0")


def expect_dropout_on_the_weights(port: Port, seed: int, num_heads: int | None = None, tokens: int = 5) -> None:
    """Fail unless a dropped weight is missing from every number of the output that it takes part in."""
    module, _ = dropping(port, tokens, 0.5, seed, num_heads)
    got = dropped(module, tokens)
    what = "the second copy of what was taken from each token, against the first,"
    expect_equal(got[..., tokens:], got[..., :tokens], what, dims=("batch", "token", "from token"), weights=True)


@law(rate=st.sampled_from([0.2, 0.4, 0.75]), seed=seeds())
def training_mode_drops_weights_at_the_rate_asked(num_heads: int | None, learner: Port, rate: float, seed: int) -> None:
    """In training mode each weight is either 0 or what it is otherwise, divided by 1 - dropout.

    Dropout comes after softmax, once, at the rate that was asked for, and nothing makes the rows sum to 1 again.
    """
    expect_the_law_of_dropout(learner, rate, seed, num_heads)


@law(seed=seeds())
def dropout_acts_on_the_weights(num_heads: int | None, learner: Port, seed: int) -> None:
    """Dropout takes a token out of a mixture altogether: it acts on the weights, not on values or output.

    A dropped weight is missing from every number of the output, not from a single one.
    """
    expect_dropout_on_the_weights(learner, seed, num_heads)


def _last(output: Plain) -> torch.Tensor:
    """Return the last token's output."""
    expect(isinstance(output, torch.Tensor) and output.dim() == 3, got=type(output).__name__, expected="a tensor")
    assert isinstance(output, torch.Tensor)
    return output[:, -1]


def _with_nan_as_zero(value: Plain) -> Plain:
    return value.nan_to_num() if isinstance(value, torch.Tensor) else value
