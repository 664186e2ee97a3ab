"""Hidden checks of `gpt_block`: the parts and the whole against the live reference, and dropout in numbers."""

import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.checks import Handle, Port, Tolerance, expect, expect_equal, expect_tensor, seeds, sizes, values, weights
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
"""GELU's constants may be held in float32: what cancels to something small has gone through numbers of size 1."""
RATES = st.sampled_from([0.5, 0.1, 0.2, 0.3, 0.7, 0.9])


def steady(*shape: int, seed: int) -> torch.Tensor:
    """Draw an input without constant rows, where a norm is steep and rounding is all there is."""
    x = values(*shape, seed=seed)
    if shape[-1] > 1:
        x[..., 0] = x[..., 1:].amax(dim=-1) + 1.0
    return x


@given(bias=st.sampled_from(BRANCHES))
def test_dropout_draws_each_number_by_itself(learner: Port, bias: str) -> None:
    """Dropout decides anew for each feature, each token, each text and each call."""
    block = built(learner, emb_dim=64, drop_rate=0.5)
    x = torch.zeros(2, 2, 64, dtype=FLOAT64)
    if not expect_tensor(block.set_parameters(constant_branch(block, bias))(x), x.shape, FLOAT64).any():
        return  # the branch does not reach the output, which is another check's
    first, second = (expect_tensor(block.train()(x), x.shape, FLOAT64) for _ in range(2))
    if bool((first == second).all()) and bool((first == first[0, 0, 0]).all()):
        return  # no dropout at all, which is another check's
    pairs = {
        "features of one token": (first[..., :32], first[..., 32:]),
        "tokens of one text": (first[:, 0], first[:, 1]),
        "texts of one batch": (first[0], first[1]),
        "calls": (first, second),
    }
    for name, (one, other) in pairs.items():
        expect(not torch.equal(one, other), got=f"two {name} lose the same numbers", expected="each loses its own")
    features = ((first == 0).any(dim=-1) & (first != 0).any(dim=-1)).all()
    expect(bool(features), got="a token loses all of its features or none", expected="about half of them are lost")


@given(rate=RATES, bias=st.sampled_from(BRANCHES), seed=seeds())
def test_drop_rate_is_the_share_that_is_dropped(learner: Port, rate: float, bias: str, seed: int) -> None:
    """On both branches the share that dropout drops is `drop_rate`.

    Not 1 - drop_rate, not a fixed 0.1, and once a branch, not twice.
    """
    emb_dim = 16
    block = built(learner, emb_dim=emb_dim, drop_rate=rate)
    x = torch.zeros(60, 5, emb_dim, dtype=FLOAT64)
    if not expect_tensor(block.set_parameters(constant_branch(block, bias))(x), x.shape, FLOAT64).any():
        return  # the branch does not reach the output, which is another check's
    got = expect_tensor(block.train()(x), x.shape, FLOAT64)
    share = float((got == 0).double().mean())
    if share == 0:
        return  # no dropout at all, which is another check's
    # Six standard deviations: a right answer fails once in 500 million draws.
    slack = 6 * (rate * (1 - rate) / x.numel()) ** 0.5
    where = f"share of zeros in the output for an input of zeros, all weights being zero and {bias} one"
    expect(abs(share - rate) <= slack, got=f"{share:.3f}", expected=f"{rate} ± {slack:.3f}", where=where)


@given(rate=st.sampled_from([0.25, 0.5, 0.75]), bias=st.sampled_from(BRANCHES))
def test_a_branch_drops_and_divides_at_every_rate(learner: Port, rate: float, bias: str) -> None:
    """On both branches, at every rate, a number is dropped or divided by 1 - drop_rate, and some are dropped."""
    block = built(learner, emb_dim=32, drop_rate=rate)
    x = torch.zeros(2, 6, 32, dtype=FLOAT64)
    added = expect_tensor(block.set_parameters(constant_branch(block, bias))(x), x.shape, FLOAT64)
    if not added.all():
        return  # the branch does not reach the output, or is dropped in evaluation mode: other checks' affairs
    got = expect_tensor(block.train()(x), x.shape, FLOAT64)
    expect(bool((got == 0).any()), got="none of 384 numbers is dropped", expected=f"about {rate:.0%} of them")
    due = torch.where(got == 0, 0.0, added / (1 - rate))
    expect_equal(got, due, f"the output, all weights being zero and {bias} one,", dims=DIMS)


@given(rate=st.sampled_from([0.25, 0.5, 0.75]), seed=seeds())
def test_attention_drops_at_every_rate(learner: Port, rate: float, seed: int) -> None:
    """Attention's own dropout has the rate `drop_rate`, whatever it is."""
    expect_attention_to_drop(learner, rate, seed)


@given(rate=st.sampled_from([0.1, 0.9]), seed=seeds())
def test_no_rate_shows_in_evaluation_mode(learner: Port, rate: float, seed: int) -> None:
    """In evaluation mode a block gives what one without dropout gives, whatever its rate."""
    plain, block = built(learner), built(learner, drop_rate=rate)
    found, x = drawn(plain, seed), values(2, 3, 4, seed=seed)
    due = expect_tensor(plain.set_parameters(found)(x), x.shape, FLOAT64)
    expect_equal(block.set_parameters(found)(x), due, "the output in evaluation mode", dims=DIMS)


@given(heads=sizes(1, 3), rate=st.sampled_from([0.0, 0.1]), qkv_bias=st.booleans())
def test_every_cfg_stays_as_it_was(learner: Port, heads: int, rate: float, qkv_bias: bool) -> None:
    """Whatever stands in `cfg`, building leaves it as it was."""
    cfg = config(2 * heads, n_heads=heads, drop_rate=rate, qkv_bias=qkv_bias)
    kept = learner.put(cfg)
    for name in ("FeedForward", "TransformerBlock"):
        learner.build(name, cfg=kept)
    expect_equal(kept.value(), cfg, "cfg after building a FeedForward and a TransformerBlock")


@given(name=st.sampled_from(["TransformerBlock", "FeedForward"]), tokens=sizes(2, 4), seed=seeds())
def test_inputs_need_not_be_contiguous(learner: Port, name: str, tokens: int, seed: int) -> None:
    """An input with strides of its own (a transpose, a slice) gives the same output."""
    module = built(learner, name)
    x = values(2, tokens, 4, seed=seed)
    due = expect_tensor(module.set_parameters(drawn(module, seed))(x), x.shape, FLOAT64)
    expect_equal(module(learner.put(x, strided=True)), due, f"the output of {name}", dims=DIMS)


@given(name=st.sampled_from(["GELU", "FeedForward", "TransformerBlock"]), tokens=sizes(1, 3), strided=st.booleans())
def test_inputs_of_every_kind_stay_as_they_were(learner: Port, name: str, tokens: int, strided: bool) -> None:
    """A forward pass leaves its input as it was, whatever its length and its order in memory."""
    module = learner.build(name).double() if name == "GELU" else built(learner, name)
    x = values(2, tokens, 4, seed=1)
    kept = learner.put(x, strided=strided)
    module(kept)
    expect_equal(kept.value(), x, f"the input of {name} after the call", dims=DIMS)


@given(lead=st.lists(sizes(1, 3), max_size=3), seed=seeds(), power=st.integers(-2, 0))
def test_gelu_equals_the_reference(learner: Port, reference: Port, lead: list[int], seed: int, power: int) -> None:
    """GELU gives the tanh form for small and large numbers, in tensors of any shape."""
    own, due = (port.build("GELU").double() for port in (learner, reference))
    x = values(*lead, 3, seed=seed, scale=3.0 * 10.0**power)
    expect_equal(own(x), due(x), "the output")


@given(size=sizes(1, 6), seed=seeds())
def test_gelu_in_float32_agrees_with_float64(learner: Port, size: int, seed: int) -> None:
    """GELU in float32 is GELU in float64, within rounding."""
    x = values(size, seed=seed, scale=2.0)
    due = expect_tensor(learner.build("GELU").double()(x), x.shape, FLOAT64)
    expect_equal(learner.build("GELU")(x.float()), due.float(), "the output", dims=("place",))


@given(batch=sizes(1, 3), tokens=sizes(1, 4), emb_dim=sizes(1, 6), seed=seeds())
def test_feed_forward_equals_the_reference(
    learner: Port, reference: Port, batch: int, tokens: int, emb_dim: int, seed: int
) -> None:
    """FeedForward gives the formula's output for every size."""
    given_weights = weights(feed_forward_shapes(emb_dim), seed)
    own, due = (built(port, "FeedForward", emb_dim).set_parameters(given_weights) for port in (learner, reference))
    x = values(batch, tokens, emb_dim, seed=seed)
    expect_equal(own(x), due(x), "the output", dims=DIMS, tolerance=THROUGH_GELU)


def pair(
    learner: Port, reference: Port, heads: int, head_dim: int, seed: int, qkv_bias: bool = False, silent: str = ""
) -> list[Handle]:
    """Build the learner's block and the reference with the same parameters, those of a silent part being zero."""
    emb_dim = heads * head_dim
    common = weights(shapes_of(emb_dim, qkv_bias), seed)
    blocks = []
    for port in (learner, reference):
        block = built(port, emb_dim=emb_dim, n_heads=heads, qkv_bias=qkv_bias)
        # Which parameters a silent part has does not matter here.
        zeros = drawn(block, seed, (silent,)) if silent else {}
        found = {name: value for name, value in zeros.items() if name.startswith(f"{silent}.")}
        found |= {name: value for name, value in common.items() if name.split(".")[0] != silent}
        blocks.append(block.set_parameters(found))
    return blocks


@given(batch=sizes(1, 2), tokens=sizes(1, 4), heads=sizes(1, 3), head_dim=sizes(1, 3), seed=seeds())
def test_attentions_half_equals_the_reference(
    learner: Port, reference: Port, batch: int, tokens: int, heads: int, head_dim: int, seed: int
) -> None:
    """The first half alone gives x + att(norm1(x)): feed-forward has zero weights here."""
    own, due = pair(learner, reference, heads, head_dim, seed, silent="ff")
    x = steady(batch, tokens, heads * head_dim, seed=seed)
    expect_equal(own(x), due(x), "the output", dims=DIMS)


@given(batch=sizes(1, 2), tokens=sizes(1, 4), emb_dim=sizes(1, 5), seed=seeds())
def test_feed_forwards_half_equals_the_reference(
    learner: Port, reference: Port, batch: int, tokens: int, emb_dim: int, seed: int
) -> None:
    """The second half alone gives x + ff(norm2(x)): attention has zero weights here."""
    own, due = pair(learner, reference, 1, emb_dim, seed, silent="att")
    x = steady(batch, tokens, emb_dim, seed=seed)
    expect_equal(own(x), due(x), "the output", dims=DIMS, tolerance=THROUGH_GELU)


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
    """The whole block gives the formula's output, for every number of texts, tokens and heads."""
    own, due = pair(learner, reference, heads, head_dim, seed, qkv_bias)
    x = steady(batch, tokens, heads * head_dim, seed=seed)
    expect_equal(own(x), due(x), "the output", dims=DIMS, tolerance=THROUGH_GELU)


@given(batch=sizes(1, 2), tokens=sizes(1, 3), heads=sizes(1, 2), qkv_bias=st.booleans(), seed=seeds())
def test_gradients_equal_the_reference(
    learner: Port, reference: Port, batch: int, tokens: int, heads: int, qkv_bias: bool, seed: int
) -> None:
    """The gradients of the input and of every parameter are those of the formula."""
    own, due = pair(learner, reference, heads, 2, seed, qkv_bias)
    x = steady(batch, tokens, heads * 2, seed=seed)
    upstream = values(batch, tokens, heads * 2, seed=seed + 1)
    got, right = (block.gradients(x, upstream=upstream) for block in (own, due))
    expect_equal(got.inputs[0], right.inputs[0], "the gradient of the input", dims=DIMS, tolerance=THROUGH_GELU)
    for name, gradient in right.parameters.items():
        expect_equal(got.parameters.get(name), gradient, f"the gradient of {name}", tolerance=THROUGH_GELU)


@given(batch=sizes(1, 2), tokens=sizes(1, 4), heads=sizes(1, 2), seed=seeds())
def test_float32_agrees_with_float64(learner: Port, batch: int, tokens: int, heads: int, seed: int) -> None:
    """In float32 the block gives what it gives in float64, within rounding."""
    exact = built(learner, emb_dim=4, n_heads=heads)
    single = learner.build("TransformerBlock", cfg=config(4, n_heads=heads)).eval()
    found = drawn(exact, seed)
    x = steady(batch, tokens, 4, seed=seed)
    due = expect_tensor(exact.set_parameters(found)(x), x.shape, FLOAT64)
    single.set_parameters({name: value.float() for name, value in found.items()})
    expect_equal(single(x.float()), due.float(), "the output", dims=DIMS)


@given(tokens=sizes(2, 6), seed=seeds())
def test_what_follows_does_not_matter(learner: Port, tokens: int, seed: int) -> None:
    """A text's beginning gives the same output alone as with what follows: the whole block is causal."""
    block = built(learner)
    x = values(2, tokens, 4, seed=seed)
    whole = expect_tensor(block.set_parameters(drawn(block, seed))(x), x.shape, FLOAT64)
    for end in range(1, tokens):
        expect_equal(block(x[:, :end]), whole[:, :end], f"the output for the first {end} tokens alone", dims=DIMS)


@given(name=st.sampled_from(["TransformerBlock", "FeedForward"]), tokens=sizes(1, 3), seed=seeds())
def test_calls_do_not_influence_each_other(learner: Port, name: str, tokens: int, seed: int) -> None:
    """A later call gives what the first gave, in training mode and in evaluation mode, where nothing is dropped."""
    module = built(learner, name)
    x, other = values(2, tokens, 4, seed=seed), values(3, 4, 4, seed=seed + 1, scale=4.0)
    first = expect_tensor(module.set_parameters(drawn(module, seed))(x), x.shape, FLOAT64)
    for mode in (module.train, module.eval):
        mode()
        module(other)
        expect_equal(module(x), first, "the output of a later call", dims=DIMS)
