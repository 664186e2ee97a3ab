"""What the checks of both attention exercises share: modules with parameters of ours, and laws that hold for both.

Where `num_heads` is None it is about `CausalAttention`, else about `MultiHeadAttention`. Unless a check sets it
otherwise, `out_proj` changes nothing, so that what comes out is what the heads found.
"""

from collections.abc import Mapping

import torch

from grader.checks import Handle, Port, expect, expect_equal, expect_tensor, values, weights
from grader.wire.plain import Plain

FLOAT64 = torch.float64
DIMS = ("batch", "token", "feature")
PROJECTIONS = ("W_query", "W_key", "W_value")


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
    arguments: dict[str, Plain] = {"d_in": d_in, "d_out": d_out, "context_length": context_length, "dropout": dropout}
    if num_heads is not None:
        arguments["num_heads"] = num_heads
        drawn = {"out_proj.weight": torch.eye(d_out), "out_proj.bias": torch.zeros(d_out), **drawn}
    if "W_query.bias" in drawn:
        arguments["qkv_bias"] = True
    module = port.build("CausalAttention" if num_heads is None else "MultiHeadAttention", **arguments).eval()
    if dtype is FLOAT64:
        module = module.double()
    return module.set_parameters(present(module, drawn))


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


def expect_a_share_for_everyone_before(port: Port, tokens: int, num_heads: int | None = None) -> None:
    """Fail unless every token gives some weight to itself and to each one before it."""
    one_hot = torch.eye(tokens, dtype=FLOAT64)
    drawn = projections(torch.zeros_like(one_hot), one_hot, one_hot)
    got = build(port, drawn, tokens, num_heads=num_heads)(one_hot[None])
    table = expect_tensor(_with_nan_as_zero(got), (1, tokens, tokens), FLOAT64, "the table of weights")[0]
    seen = (table.abs() > 1e-3).tril().long()
    due = torch.ones(tokens, tokens, dtype=torch.int64).tril()
    expect_equal(seen, due, "what each token sees (1 = it does)", dims=("token", "sees token"), weights=True)


def expect_shape(
    port: Port, batch: int, tokens: int, context_length: int, d_in: int, d_out: int, num_heads: int | None = None
) -> None:
    """Fail unless a tensor of the right shape and dtype comes out, in float32 and in float64."""
    for dtype in (torch.float32, FLOAT64):
        module = build(port, draw(d_in, d_out, 1), context_length, num_heads=num_heads, dtype=dtype)
        got = module(torch.ones(batch, tokens, d_in, dtype=dtype))
        expect_tensor(_with_nan_as_zero(got), (batch, tokens, d_out), dtype)


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


def expect_rows_that_sum_to_one(port: Port, batch: int, tokens: int, seed: int, num_heads: int | None = None) -> None:
    """Fail unless a mixture of equal values is that value."""
    drawn = draw(3, 2, seed)
    drawn["W_value.weight"][:, :2] = 0.0
    x = values(batch, tokens, 3, seed=seed)
    x[..., 2] = 1.0
    got = build(port, drawn, tokens, num_heads=num_heads)(x)
    due = drawn["W_value.weight"][:, 2].expand(batch, tokens, 2)
    expect_equal(got, due, "the mixture of equal values", dims=DIMS)


def expect_nothing_from_later_tokens(
    port: Port, batch: int, tokens: int, first: int, d_out: int, seed: int, num_heads: int | None = None
) -> None:
    """Fail unless what comes out before token `first` stays when this token and those after it change."""
    module = build(port, draw(3, d_out, seed), tokens, num_heads=num_heads)
    x = values(batch, tokens, 3, seed=seed)
    other = x.clone()
    other[:, first:] = values(batch, tokens - first, 3, seed=seed + 1)
    before = expect_tensor(module(x), (batch, tokens, d_out), FLOAT64)[:, :first]
    after = expect_tensor(module(other), (batch, tokens, d_out), FLOAT64)[:, :first]
    expect_equal(after, before, f"the output before token {first}, once that token has changed,", dims=DIMS)


def expect_scale_of_the_width(port: Port, width: int, tokens: int, seed: int, num_heads: int | None = None) -> None:
    """Fail unless a dot product √width times as large weighs the same where queries and keys are `width` wide."""
    narrow = draw(2, 1, seed, scale=1.0)
    wide = {name: torch.zeros(width, 2, dtype=FLOAT64) for name in narrow}
    for name, row in narrow.items():
        wide[name][:1] = row * width**0.5 if name == "W_query.weight" else row
    x = values(1, tokens, 2, seed=seed)
    due = expect_tensor(build(port, narrow, tokens, num_heads=num_heads)(x), (1, tokens, 1), FLOAT64)
    got = expect_tensor(build(port, wide, tokens, num_heads=num_heads)(x), (1, tokens, width), FLOAT64)
    what = f"the output with queries {width} wide, against 1 wide,"
    expect_equal(got[..., :1], due, what, dims=DIMS)


def expect_the_query_to_choose(port: Port, num_heads: int | None = None) -> None:
    """Fail unless a token takes more from an earlier one once its query points the way of that one's key."""
    query, key, value = torch.zeros(3, 2, 3, dtype=FLOAT64)
    query[0, 0], key[0, 1], value[0, 2] = 4.0, 1.0, 1.0
    module = build(port, projections(query, key, value), 2, num_heads=num_heads)
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


def expect_separate_texts(port: Port, batch: int, tokens: int, seed: int, num_heads: int | None = None) -> None:
    """Fail unless every text of a batch comes out as it does alone."""
    module = build(port, draw(3, 2, seed), tokens, num_heads=num_heads)
    x = values(batch, tokens, 3, seed=seed)
    whole = expect_tensor(module(x), (batch, tokens, 2), FLOAT64)
    for place in range(batch):
        alone = module(x[place : place + 1])
        expect_equal(alone, whole[place : place + 1], f"the output for text {place} of the batch alone", dims=DIMS)


def expect_context_length_to_be_a_limit(
    port: Port, tokens: int, spare: int, seed: int, num_heads: int | None = None
) -> None:
    """Fail unless a text comes out alike, whatever the context length allows beyond it."""
    drawn = draw(3, 2, seed)
    x = values(2, tokens, 3, seed=seed)
    due = expect_tensor(build(port, drawn, tokens, num_heads=num_heads)(x), (2, tokens, 2), FLOAT64)
    got = build(port, drawn, tokens + spare, num_heads=num_heads)(x)
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


def expect_no_dropout_at_rest(port: Port, seed: int, num_heads: int | None = None, rate: float = 0.5) -> None:
    """Fail unless in evaluation mode a module with dropout gives what one without gives."""
    drawn = draw(3, 2, seed)
    x = values(2, 4, 3, seed=seed)
    due = expect_tensor(build(port, drawn, 4, num_heads=num_heads)(x), (2, 4, 2), FLOAT64)
    module = build(port, drawn, 4, num_heads=num_heads, dropout=rate)
    expect_equal(module(x), due, "the output in evaluation mode", dims=DIMS)
    module.train()
    expect_equal(module.eval()(x), due, "the output in evaluation mode, after training mode,", dims=DIMS)


def expect_the_input_unchanged(port: Port, num_heads: int | None = None) -> None:
    """Fail unless the input is after a call what it was before."""
    x = values(2, 3, 3, seed=1, dtype=torch.float32)
    kept = port.put(x)
    build(port, draw(3, 2, 1), 3, num_heads=num_heads, dtype=torch.float32)(kept)
    expect_equal(kept.value(), x, "the input after the call", dims=DIMS)


def _last(output: Plain) -> torch.Tensor:
    """Return the last token's output."""
    expect(isinstance(output, torch.Tensor) and output.dim() == 3, got=type(output).__name__, expected="a tensor")
    assert isinstance(output, torch.Tensor)
    return output[:, -1]


def _with_nan_as_zero(value: Plain) -> Plain:
    return value.nan_to_num() if isinstance(value, torch.Tensor) else value
