"""Hidden checks of `gpt_block`: the parts and the whole, compared with the reference, and dropout in numbers."""

import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.checks import (
    Handle,
    Port,
    Tolerance,
    expect,
    expect_equal,
    expect_same,
    expect_tensor,
    seeds,
    sizes,
    values,
    weights,
)
from tests.visible.blocks import (
    DIMS,
    FLOAT64,
    built,
    config,
    constant_branch,
    drawn,
    expect_attention_to_drop,
    feed_forward_shapes,
    shapes_of,
)

BRANCHES = ("att.out_proj.bias", "ff.layers.2.bias")
THROUGH_GELU = Tolerance(1e-6, 1.0)
"""A solution may keep GELU's constants in float32, and small outputs can be differences of numbers around 1."""
RATES = st.sampled_from([0.5, 0.1, 0.2, 0.3, 0.7, 0.9])


def steady(*shape: int, seed: int) -> torch.Tensor:
    """Draw an input without constant rows: there, a norm is steep and rounding errors dominate."""
    x = values(*shape, seed=seed)
    if shape[-1] > 1:
        x[..., 0] = x[..., 1:].amax(dim=-1) + 1.0
    return x


@given(bias=st.sampled_from(BRANCHES))
def test_dropout_draws_each_number_by_itself(learner: Port, bias: str) -> None:
    """Dropout decides separately for each feature, each token, each sequence and each call."""
    block = built(learner, emb_dim=64, drop_rate=0.5)
    x = torch.zeros(2, 2, 64, dtype=FLOAT64)
    if not expect_tensor(block.set_parameters(constant_branch(block, bias))(x), x.shape, FLOAT64).any():
        return  # the branch doesn't reach the output: another check reports that
    first, second = (expect_tensor(block.train()(x), x.shape, FLOAT64) for _ in range(2))
    if bool((first == second).all()) and bool((first == first[0, 0, 0]).all()):
        return  # no dropout at all: another check reports that
    pairs = {
        "features of one token": (first[..., :32], first[..., 32:]),
        "tokens of one sequence": (first[:, 0], first[:, 1]),
        "sequences of one batch": (first[0], first[1]),
        "calls": (first, second),
    }
    for name, (left, right) in pairs.items():
        expect(not torch.equal(left, right), got=f"two {name} lose the same numbers", expected="each loses its own")
    features = ((first == 0).any(dim=-1) & (first != 0).any(dim=-1)).all()
    expect(bool(features), got="a token loses all of its features or none", expected="about half of them are lost")


@given(rate=RATES, bias=st.sampled_from(BRANCHES), seed=seeds())
def test_drop_rate_is_the_share_that_is_dropped(learner: Port, rate: float, bias: str, seed: int) -> None:
    """On both branches, the share that dropout drops is `drop_rate`.

    Is it 1 - drop_rate in your block, or a fixed number? And do you drop once per branch, or twice?
    """
    emb_dim = 16
    block = built(learner, emb_dim=emb_dim, drop_rate=rate)
    x = torch.zeros(60, 5, emb_dim, dtype=FLOAT64)
    if not expect_tensor(block.set_parameters(constant_branch(block, bias))(x), x.shape, FLOAT64).any():
        return  # the branch doesn't reach the output: another check reports that
    got = expect_tensor(block.train()(x), x.shape, FLOAT64)
    share = float((got == 0).double().mean())
    if share == 0:
        return  # no dropout at all: another check reports that
    # Six standard deviations: a right answer fails once in 500 million draws.
    slack = 6 * (rate * (1 - rate) / x.numel()) ** 0.5
    where = f"share of zeros in the output for an input of zeros, with all weights zero and {bias} one"
    expect(abs(share - rate) <= slack, got=f"{share:.3f}", expected=f"{rate} ± {slack:.3f}", where=where)


@given(rate=st.sampled_from([0.25, 0.5, 0.75]), bias=st.sampled_from(BRANCHES))
def test_a_branch_drops_and_divides_at_every_rate(learner: Port, rate: float, bias: str) -> None:
    """On both branches, at every rate, a number is dropped or divided by 1 - drop_rate, and some are dropped."""
    block = built(learner, emb_dim=32, drop_rate=rate)
    x = torch.zeros(2, 6, 32, dtype=FLOAT64)
    added = expect_tensor(block.set_parameters(constant_branch(block, bias))(x), x.shape, FLOAT64)
    if not added.all():
        return  # the branch doesn't reach the output, or is dropped in eval mode: other checks report that
    got = expect_tensor(block.train()(x), x.shape, FLOAT64)
    expect(bool((got == 0).any()), got="none of 384 numbers is dropped", expected=f"about {rate:.0%} of them")
    expected = torch.where(got == 0, 0.0, added / (1 - rate))
    expect_equal(got, expected, f"the output with all weights zero and {bias} one", dims=DIMS)


@given(rate=st.sampled_from([0.25, 0.5, 0.75]), seed=seeds())
def test_attention_drops_at_every_rate(learner: Port, rate: float, seed: int) -> None:
    """Attention's own dropout has the rate `drop_rate`, whatever it is."""
    expect_attention_to_drop(learner, rate, seed)


@given(rate=st.sampled_from([0.1, 0.9]), seed=seeds())
def test_no_rate_shows_in_evaluation_mode(learner: Port, rate: float, seed: int) -> None:
    """In eval mode, a block gives the same output as one without dropout, whatever its rate."""
    plain, block = built(learner), built(learner, drop_rate=rate)
    parameters, x = drawn(plain, seed), values(2, 3, 4, seed=seed)
    expected = expect_tensor(plain.set_parameters(parameters)(x), x.shape, FLOAT64)
    what = "the output in eval mode, compared with a block without dropout,"
    expect_same(block.set_parameters(parameters)(x), expected, what, dims=DIMS)


@given(heads=sizes(1, 3), rate=st.sampled_from([0.0, 0.1]), qkv_bias=st.booleans())
def test_every_cfg_stays_as_it_was(learner: Port, heads: int, rate: float, qkv_bias: bool) -> None:
    """Building leaves `cfg` unchanged, whatever is in it."""
    cfg = config(2 * heads, n_heads=heads, drop_rate=rate, qkv_bias=qkv_bias)
    kept = learner.put(cfg)
    for name in ("FeedForward", "TransformerBlock"):
        learner.build(name, cfg=kept)
    expect_equal(kept.value(), cfg, "cfg after building a FeedForward and a TransformerBlock")


@given(name=st.sampled_from(["TransformerBlock", "FeedForward"]), tokens=sizes(2, 4), seed=seeds())
def test_inputs_need_not_be_contiguous(learner: Port, name: str, tokens: int, seed: int) -> None:
    """A non-contiguous input (a transpose or a slice, for example) gives the same output."""
    module = built(learner, name)
    x = values(2, tokens, 4, seed=seed)
    expected = expect_tensor(module.set_parameters(drawn(module, seed))(x), x.shape, FLOAT64)
    what = f"the output of {name} for the same numbers in another memory order"
    expect_same(module(learner.put(x, strided=True)), expected, what, dims=DIMS)


@given(name=st.sampled_from(["GELU", "FeedForward", "TransformerBlock"]), tokens=sizes(1, 3), strided=st.booleans())
def test_inputs_of_every_kind_stay_as_they_were(learner: Port, name: str, tokens: int, strided: bool) -> None:
    """A forward pass leaves its input unchanged, whatever its length and memory layout."""
    module = learner.build(name).double() if name == "GELU" else built(learner, name)
    x = values(2, tokens, 4, seed=1)
    kept = learner.put(x, strided=strided)
    module(kept)
    expect_equal(kept.value(), x, f"the input of {name} after the call", dims=DIMS)


@given(lead=st.lists(sizes(1, 3), max_size=3), seed=seeds(), power=st.integers(-2, 1))
def test_gelu_equals_the_reference(learner: Port, reference: Port, lead: list[int], seed: int, power: int) -> None:
    """GELU gives the tanh form for small and large numbers, in tensors of any shape."""
    gelu, reference_gelu = (port.build("GELU").double() for port in (learner, reference))
    x = values(*lead, 3, seed=seed, scale=3.0 * 10.0**power)
    expect_equal(gelu(x), reference_gelu(x), "the output")


@given(size=sizes(1, 6), seed=seeds())
def test_gelu_in_float32_agrees_with_float64(learner: Port, size: int, seed: int) -> None:
    """GELU in float32 equals GELU in float64, up to rounding."""
    x = values(size, seed=seed, scale=2.0)
    expected = expect_tensor(learner.build("GELU").double()(x), x.shape, FLOAT64)
    what = "the output in float32, compared with float64,"
    expect_same(learner.build("GELU")(x.float()), expected.float(), what, dims=("position",))


@given(batch=sizes(1, 3), tokens=sizes(1, 4), emb_dim=sizes(1, 6), seed=seeds())
def test_feed_forward_equals_the_reference(
    learner: Port, reference: Port, batch: int, tokens: int, emb_dim: int, seed: int
) -> None:
    """FeedForward's output matches the formula at every size."""
    given_weights = weights(feed_forward_shapes(emb_dim), seed)
    ff, reference_ff = (
        built(port, "FeedForward", emb_dim).set_parameters(given_weights) for port in (learner, reference)
    )
    x = values(batch, tokens, emb_dim, seed=seed)
    expect_equal(ff(x), reference_ff(x), "the output", dims=DIMS, tolerance=THROUGH_GELU)


def pair(
    learner: Port, reference: Port, heads: int, head_dim: int, seed: int, qkv_bias: bool = False, silent: str = ""
) -> list[Handle]:
    """Build the learner's block and the reference with equal parameters; those of a silent part are zero."""
    emb_dim = heads * head_dim
    common = weights(shapes_of(emb_dim, qkv_bias), seed)
    blocks = []
    for port in (learner, reference):
        block = built(port, emb_dim=emb_dim, n_heads=heads, qkv_bias=qkv_bias)
        # It doesn't matter here which parameters a silent part has.
        zeros = drawn(block, seed, (silent,)) if silent else {}
        parameters = {name: value for name, value in zeros.items() if name.startswith(f"{silent}.")}
        parameters |= {name: value for name, value in common.items() if name.split(".")[0] != silent}
        blocks.append(block.set_parameters(parameters))
    return blocks


@given(batch=sizes(1, 2), tokens=sizes(1, 4), heads=sizes(1, 3), head_dim=sizes(1, 3), seed=seeds())
def test_attentions_half_equals_the_reference(
    learner: Port, reference: Port, batch: int, tokens: int, heads: int, head_dim: int, seed: int
) -> None:
    """If feed-forward adds nothing, the output matches the formula of the attention half."""
    block, reference_block = pair(learner, reference, heads, head_dim, seed, silent="ff")
    x = steady(batch, tokens, heads * head_dim, seed=seed)
    expect_equal(block(x), reference_block(x), "the output", dims=DIMS)


@given(batch=sizes(1, 2), tokens=sizes(1, 4), emb_dim=sizes(1, 5), seed=seeds())
def test_feed_forwards_half_equals_the_reference(
    learner: Port, reference: Port, batch: int, tokens: int, emb_dim: int, seed: int
) -> None:
    """If attention adds nothing, the output matches the formula of the feed-forward half."""
    block, reference_block = pair(learner, reference, 1, emb_dim, seed, silent="att")
    x = steady(batch, tokens, emb_dim, seed=seed)
    expect_equal(block(x), reference_block(x), "the output", dims=DIMS, tolerance=THROUGH_GELU)


@given(
    batch=sizes(1, 3), tokens=sizes(1, 6), heads=sizes(1, 3), head_dim=sizes(1, 3), qkv_bias=st.booleans(), seed=seeds()
)
def test_block_equals_the_reference(
    learner: Port,
    reference: Port,
    batch: int,
    tokens: int,
    heads: int,
    head_dim: int,
    qkv_bias: bool,
    seed: int,
) -> None:
    """The whole block matches the formula, for any number of sequences, tokens and heads."""
    block, reference_block = pair(learner, reference, heads, head_dim, seed, qkv_bias)
    x = steady(batch, tokens, heads * head_dim, seed=seed)
    expect_equal(block(x), reference_block(x), "the output", dims=DIMS, tolerance=THROUGH_GELU)


@given(batch=sizes(1, 2), tokens=sizes(1, 3), heads=sizes(1, 2), qkv_bias=st.booleans(), seed=seeds())
def test_gradients_equal_the_reference(
    learner: Port, reference: Port, batch: int, tokens: int, heads: int, qkv_bias: bool, seed: int
) -> None:
    """The gradients of the input and of every parameter match the formula."""
    block, reference_block = pair(learner, reference, heads, 2, seed, qkv_bias)
    x = steady(batch, tokens, heads * 2, seed=seed)
    upstream = values(batch, tokens, heads * 2, seed=seed + 1)
    got, expected = (each.gradients(x, upstream=upstream) for each in (block, reference_block))
    expect_equal(got.inputs[0], expected.inputs[0], "the gradient of the input", dims=DIMS, tolerance=THROUGH_GELU)
    for name, gradient in expected.parameters.items():
        expect_equal(got.parameters.get(name), gradient, f"the gradient of {name}", tolerance=THROUGH_GELU)


@given(batch=sizes(1, 2), tokens=sizes(1, 4), heads=sizes(1, 2), seed=seeds())
def test_float32_agrees_with_float64(learner: Port, batch: int, tokens: int, heads: int, seed: int) -> None:
    """In float32, the block gives the same output as in float64, up to rounding."""
    exact = built(learner, emb_dim=4, n_heads=heads)
    single = learner.build("TransformerBlock", cfg=config(4, n_heads=heads)).eval()
    parameters = drawn(exact, seed)
    x = steady(batch, tokens, 4, seed=seed)
    expected = expect_tensor(exact.set_parameters(parameters)(x), x.shape, FLOAT64)
    single.set_parameters({name: value.float() for name, value in parameters.items()})
    expect_same(single(x.float()), expected.float(), "the output in float32, compared with float64,", dims=DIMS)


@given(tokens=sizes(2, 6), seed=seeds())
def test_what_follows_does_not_matter(learner: Port, tokens: int, seed: int) -> None:
    """The beginning of a sequence gives the same output with or without the rest: the whole block is causal."""
    block = built(learner)
    x = values(2, tokens, 4, seed=seed)
    whole = expect_tensor(block.set_parameters(drawn(block, seed))(x), x.shape, FLOAT64)
    for end in range(1, tokens):
        expect_same(block(x[:, :end]), whole[:, :end], f"the output for only the first {end} tokens", dims=DIMS)


@given(name=st.sampled_from(["TransformerBlock", "FeedForward"]))
def test_modules_share_nothing(learner: Port, name: str) -> None:
    """Two blocks share nothing: setting the parameters of one leaves the other as it was."""
    # A conversion to another dtype would make copies of what is shared.
    first, second = (learner.build(name, cfg=config()) for _ in range(2))
    before = {key: parameter.value for key, parameter in second.parameters().items()}
    first.set_parameters({key: torch.full_like(value, 0.25) for key, value in before.items()})
    for key, parameter in second.parameters().items():
        what = f"{key} of the second {name} after that of the first was set"
        expect_equal(parameter.value, before[key], what, dims=())


@given(name=st.sampled_from(["TransformerBlock", "FeedForward"]), tokens=sizes(1, 3), seed=seeds())
def test_calls_do_not_influence_each_other(learner: Port, name: str, tokens: int, seed: int) -> None:
    """With nothing dropped, a later call gives the same output as the first, in training and in eval mode."""
    module = built(learner, name)
    x, other = values(2, tokens, 4, seed=seed), values(3, 4, 4, seed=seed + 1, scale=4.0)
    first = expect_tensor(module.set_parameters(drawn(module, seed))(x), x.shape, FLOAT64)
    for mode in (module.train, module.eval):
        mode()
        module(other)
        expect_same(module(x), first, "the output of a later call", dims=DIMS)
