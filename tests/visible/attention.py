"""What the checks of both attention exercises share: modules with parameters that we set, and laws that apply to both.

If `num_heads` is None, they are about `CausalAttention`, otherwise about `MultiHeadAttention`. Unless a check sets it,
`out_proj` changes nothing, so the output is what the heads computed.
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
    expect_any_tensor,
    expect_equal,
    expect_same,
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
"""Values of `num_heads` to pass to a law: for `CausalAttention`, and for a `MultiHeadAttention` with one head."""


def parameter_shapes(
    d_in: int, d_out: int, *, num_heads: int | None = None, qkv_bias: bool = False
) -> dict[str, tuple[int, ...]]:
    """Return the shapes of the parameters by name."""
    shapes: dict[str, tuple[int, ...]] = {f"{name}.weight": (d_out, d_in) for name in PROJECTIONS}
    if qkv_bias:
        shapes |= {f"{name}.bias": (d_out,) for name in PROJECTIONS}
    if num_heads is not None:
        shapes |= {"out_proj.weight": (d_out, d_out), "out_proj.bias": (d_out,)}
    return shapes


def draw(
    d_in: int, d_out: int, seed: int, *, num_heads: int | None = None, qkv_bias: bool = False, scale: float = 0.5
) -> dict[str, torch.Tensor]:
    """Draw values for the parameters, for those of `out_proj` only if `num_heads` is given."""
    return weights(parameter_shapes(d_in, d_out, num_heads=num_heads, qkv_bias=qkv_bias), seed, scale=scale)


def projections(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor) -> dict[str, torch.Tensor]:
    """Return the weights of the three projections by name."""
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
    """Build a module in eval mode and set its parameters to the values drawn."""
    d_out, d_in = drawn["W_query.weight"].shape
    arguments = {"d_in": d_in, "d_out": d_out, "context_length": context_length, "dropout": dropout}
    module = _started(port, arguments, num_heads, "W_query.bias" in drawn)
    if num_heads is not None:
        drawn = _with_plain_out_proj(drawn)
    if dtype is FLOAT64:
        module = module.double()
    return module.set_parameters(present(module, drawn))


def _started(port: Port, arguments: Mapping[str, Plain], num_heads: int | None, qkv_bias: bool) -> Handle:
    """Build a module in eval mode and leave the parameters that it starts with."""
    more: dict[str, Plain] = {} if num_heads is None else {"num_heads": num_heads}
    if qkv_bias:
        more["qkv_bias"] = True
    return port.build("CausalAttention" if num_heads is None else "MultiHeadAttention", **arguments, **more).eval()


def _with_plain_out_proj(drawn: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Add values with which `out_proj` changes nothing, unless it has others."""
    d_out = len(drawn["W_query.weight"])
    return {"out_proj.weight": torch.eye(d_out), "out_proj.bias": torch.zeros(d_out), **drawn}


def present(module: Handle, drawn: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Drop biases that the module lacks, and set biases to zero that it has but shouldn't.

    So a missing or extra bias fails only the checks that are about biases. A module with other names keeps nothing that
    it starts with: setting what it lacks says so.
    """
    parameters = module.parameters()
    known = parameter_shapes(1, 1, num_heads=1, qkv_bias=True)
    strange = any(name not in known for name in parameters)
    needed = {
        name: value
        for name, value in drawn.items()
        if strange or name in parameters or (name.startswith("W_") and "weight" in name)
    }
    unwanted = {f"{name}.bias" for name in PROJECTIONS} - set(drawn)
    return needed | {name: torch.zeros_like(parameters[name].value) for name in parameters if name in unwanted}


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
"""`CausalAttention`: `head_dim` is its d_out, `spare` is how much longer context_length is than the sequence, and
`scale` is the spread of the input. Checks draw the sizes that they are about."""
HEADS = replace(CAUSAL, fit=lambda module, drawn: present(module, _with_plain_out_proj(drawn))).of(num_heads=2)
"""`MultiHeadAttention` with an `out_proj` that changes nothing, unless `out_proj=True` draws its values too."""


@law(tokens=sizes(1, 6))
def every_token_sees_itself_and_all_before(num_heads: int | None, learner: Port, tokens: int) -> None:
    """Every token gives some weight to itself and to every earlier token, even if all scores are zero.

    If the mask hides the diagonal, the first token has nothing to look at, and softmax over nothing is nan.
    """
    one_hot = torch.eye(tokens, dtype=FLOAT64)
    drawn = projections(torch.zeros_like(one_hot), one_hot, one_hot)
    got = build(learner, drawn, tokens, num_heads=num_heads)(one_hot[None])
    table = expect_tensor(_with_nan_as_zero(got), (1, tokens, tokens), FLOAT64, "the table of weights")[0]
    seen = (table.abs() > 1e-3).tril().long()
    expected = torch.ones(tokens, tokens, dtype=torch.int64).tril()
    expect_equal(seen, expected, "what each token sees (1 = it does)", dims=("token", "sees token"), weights=True)


def expect_a_change(port: Port, names: tuple[str, ...], num_heads: int | None = None, qkv_bias: bool = False) -> None:
    """Fail unless the last token's output changes when the named parameters change."""
    drawn = draw(3, 4, 1, num_heads=num_heads, qkv_bias=qkv_bias)
    x = values(2, 3, 3, seed=2)
    module = build(port, drawn, 3, num_heads=num_heads)
    before = _last(module(x))
    changed = {**drawn, **{name: values(*drawn[name].shape, seed=3 + index) for index, name in enumerate(names)}}
    after = _last(module.set_parameters(present(module, changed))(x))
    expect(
        float((after - before).abs().max()) > 1e-6,
        got=f"the same output for two different values of {', '.join(names)}",
        expected="an output that depends on it",
    )


@law()
def biases_are_added(num_heads: int | None, learner: Port) -> None:
    """With qkv_bias=True, the biases are added to queries, keys and values."""
    names = tuple(f"{name}.bias" for name in PROJECTIONS)
    expect_a_change(learner, names, num_heads=num_heads, qkv_bias=True)


@law(batch=sizes(1, 2), tokens=sizes(1, 5), seed=seeds())
def each_row_of_weights_sums_to_one(num_heads: int | None, learner: Port, batch: int, tokens: int, seed: int) -> None:
    """Each token's weights sum to 1, so if all values are equal, the output is that same value.

    Does softmax go over the keys? If you mask after it, a row sums to less than 1.
    """
    drawn = draw(3, 2, seed)
    drawn["W_value.weight"][:, :2] = 0.0
    x = values(batch, tokens, 3, seed=seed)
    x[..., 2] = 1.0
    got = build(learner, drawn, tokens, num_heads=num_heads)(x)
    expected = drawn["W_value.weight"][:, 2].expand(batch, tokens, 2)
    expect_equal(got, expected, "the mixture of equal values", dims=DIMS)


@law(batch=sizes(1, 2), earlier=sizes(1, 3), later=sizes(1, 3), seed=seeds())
def later_tokens_change_nothing(
    num_heads: int | None, learner: Port, batch: int, earlier: int, later: int, seed: int
) -> None:
    """A token's output doesn't change when a later token changes.

    Does the mask hide everything to the right of the diagonal, before the weights are made to sum to 1?
    """
    tokens = earlier + later
    module = build(learner, draw(3, 2, seed), tokens, num_heads=num_heads)
    x = values(batch, tokens, 3, seed=seed)
    other = x.clone()
    other[:, earlier:] = values(batch, later, 3, seed=seed + 1)
    before = expect_tensor(module(x), (batch, tokens, 2), FLOAT64)[:, :earlier]
    after = expect_tensor(module(other), (batch, tokens, 2), FLOAT64)[:, :earlier]
    expect_same(after, before, f"the output before token {earlier}, once that token has changed,", dims=DIMS)


@law(width=sizes(2, 9), tokens=sizes(2, 4), seed=seeds())
def scores_are_divided_by_the_root_of_the_width(
    num_heads: int | None, learner: Port, width: int, tokens: int, seed: int
) -> None:
    """Scores are divided by √d_out: queries w times as wide, with √w times the scores, give the same weights.

    Which number do you take the square root of? Not d_in, and not the number of tokens. And do you scale before
    softmax?
    """
    narrow = draw(2, 1, seed, scale=1.0)
    wide = {name: torch.zeros(width, 2, dtype=FLOAT64) for name in narrow}
    for name, row in narrow.items():
        wide[name][:1] = row * width**0.5 if name == "W_query.weight" else row
    x = values(1, tokens, 2, seed=seed)
    expected = expect_tensor(build(learner, narrow, tokens, num_heads=num_heads)(x), (1, tokens, 1), FLOAT64)
    got = expect_tensor(build(learner, wide, tokens, num_heads=num_heads)(x), (1, tokens, width), FLOAT64)
    what = f"the output with queries {width} wide, compared with 1 wide,"
    expect_same(got[..., :1], expected, what, dims=DIMS)


@law()
def the_query_chooses_among_the_keys(num_heads: int | None, learner: Port) -> None:
    """Each token compares its own query with the other tokens' keys, and takes more from those that fit better.

    In the table of scores, each row belongs to a query and each column to a key. Is yours transposed?
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
        got=f"token 1 takes {shares[0]:.3f} from token 0 if its query is zero, {shares[1]:.3f} if its query fits",
        expected="more if its query fits",
        where="row = the token that looks (query), column = the token it looks at (key)",
    )


@law(tokens=sizes(1, 4), spare=sizes(1, 4), seed=seeds())
def context_length_is_only_a_limit(num_heads: int | None, learner: Port, tokens: int, spare: int, seed: int) -> None:
    """The output for a sequence doesn't depend on context_length, as long as the sequence fits.

    Does anything but the size of a mask depend on context_length? And is the mask cut to the number of tokens?
    """
    drawn = draw(3, 2, seed)
    x = values(2, tokens, 3, seed=seed)
    expected = expect_tensor(build(learner, drawn, tokens, num_heads=num_heads)(x), (2, tokens, 2), FLOAT64)
    got = build(learner, drawn, tokens + spare, num_heads=num_heads)(x)
    expect_same(got, expected, f"the output with context_length={tokens + spare}, compared with {tokens},", dims=DIMS)


def dropping(
    port: Port, tokens: int, rate: float, seed: int, num_heads: int | None = None
) -> tuple[Handle, torch.Tensor]:
    """Build a module whose output is its table of weights, twice side by side; return the module and its table.

    The table is the one without dropout. Columns j and tokens + j hold the weight for token j: of the only head, or of
    each of two heads.
    """
    one_hot = torch.eye(tokens, dtype=FLOAT64)
    query, key = values(2, tokens, tokens, seed=seed, scale=0.5)
    drawn = projections(query.repeat(2, 1), key.repeat(2, 1), one_hot.repeat(2, 1))
    usual = build(port, drawn, tokens, num_heads=num_heads)(one_hot[None])
    module = build(port, drawn, tokens, num_heads=num_heads, dropout=rate)
    return module, expect_tensor(usual, (1, tokens, 2 * tokens), FLOAT64, "the table of weights without dropout")


def dropped(module: Handle, tokens: int, batch: int = 1) -> torch.Tensor:
    """Return the output in training mode of a module from `dropping`, for a batch of equal sequences."""
    x = torch.eye(tokens, dtype=FLOAT64).expand(batch, tokens, tokens)
    return expect_tensor(module.train()(x.contiguous()), (batch, tokens, 2 * tokens), FLOAT64)


def expect_the_law_of_dropout(
    port: Port, rate: float, seed: int, num_heads: int | None = None, tokens: int = 5
) -> None:
    """Fail unless in training mode every weight is 0 or its usual value divided by 1 - rate, and some are 0."""
    module, usual = dropping(port, tokens, rate, seed, num_heads)
    # 5 tokens make 120 weights: at a rate of 0.2, none of them is dropped in one of 10^11 runs.
    got = dropped(module, tokens, batch=8)
    usual = usual.expand_as(got)
    gone = got.abs() < 1e-9
    expected = torch.where(gone, torch.zeros_like(usual), usual / (1 - rate))
    expect_equal(got, expected, f"the weights in training mode, with dropout={rate},", dims=DIMS, weights=True)
    visible = usual.abs() > 1e-6
    expect(bool(gone[visible].any()), got="none of the weights is 0", expected="some of them dropped, so 0")


def expect_dropout_on_the_weights(port: Port, seed: int, num_heads: int | None = None, tokens: int = 5) -> None:
    """Fail unless a dropped weight is missing from every number of the output that it contributes to."""
    module, _ = dropping(port, tokens, 0.5, seed, num_heads)
    got = dropped(module, tokens)
    what = "the second copy of what was taken from each token, compared with the first,"
    expect_same(got[..., tokens:], got[..., :tokens], what, dims=("batch", "token", "from token"), weights=True)


@law(rate=st.sampled_from([0.2, 0.4, 0.75]), seed=seeds())
def training_mode_drops_weights_at_the_rate_asked(num_heads: int | None, learner: Port, rate: float, seed: int) -> None:
    """In training mode, each weight is either 0 or its usual value divided by 1 - dropout.

    Do you apply dropout once, after softmax, at the rate you were given? And does anything make the rows sum to 1
    again?
    """
    expect_the_law_of_dropout(learner, rate, seed, num_heads)


@law(seed=seeds())
def dropout_acts_on_the_weights(num_heads: int | None, learner: Port, seed: int) -> None:
    """Dropout acts on the weights, not on values or output: it takes a token out of the whole mixture.

    A dropped weight is missing from every number of the output, not from just one.
    """
    expect_dropout_on_the_weights(learner, seed, num_heads)


def _last(output: Plain) -> torch.Tensor:
    """Return the last token's output."""
    output = expect_any_tensor(output)
    expect(output.dim() == 3, got=f"shape {tuple(output.shape)}", expected="(batch, tokens, d_out)")
    return output[:, -1]


def _with_nan_as_zero(value: Plain) -> Plain:
    return value.nan_to_num() if isinstance(value, torch.Tensor) else value
