"""Visible checks of `gpt_block`: GELU, the feed-forward network and the block, tested on one rule at a time.

They set parameters by name and compare outputs with one another, so that a mistake in one part costs only that part's
points. All parameters of a `silent` part are zero, so it adds nothing.
"""

import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from grader.checks import (
    Golden,
    Port,
    Tolerance,
    expect,
    expect_equal,
    expect_gradients_fit_the_output,
    expect_parameters,
    expect_same,
    expect_tensor,
    seeds,
    sizes,
    values,
)
from tests.visible.blocks import (
    DIMS,
    FLOAT64,
    built,
    config,
    constant_branch,
    differ,
    drawn,
    expect_attention_to_drop,
    expect_change,
    feed_forward_shapes,
    shapes_of,
)

ROUGHLY = Tolerance(5e-4, 1.0)
"""Wide enough for the exact GELU, which is off by up to 0.0005; too narrow for any other function."""


@given(shape=st.lists(sizes(1, 3), max_size=4))
def test_gelu_keeps_the_dtype(learner: Port, shape: list[int]) -> None:
    """GELU returns a tensor with the shape and dtype of its input: float32 for float32, float64 for float64."""
    for dtype in (torch.float32, FLOAT64):
        expect_tensor(learner.build("GELU")(torch.ones(shape, dtype=dtype)), shape, dtype)


def test_gelu_has_its_curve(learner: Port) -> None:
    """GELU(-1) is about -0.159, GELU(0) is 0, and GELU(1) is about 0.841: a soft bend that dips below zero.

    ReLU has no dip, and SiLU (x times the sigmoid of x) has a deeper one. Did you lose a factor: 0.5, √(2/π) or
    0.044715?
    """
    x = torch.tensor([-3.0, -2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 3.0], dtype=FLOAT64)
    got = learner.build("GELU").double()(x)
    expect_equal(got, F.gelu(x, approximate="tanh"), "the output", dims=("position",), tolerance=ROUGHLY)


@given(size=sizes(1, 5), seed=seeds())
def test_gelus_gradient_fits_its_output(learner: Port, size: int, seed: int) -> None:
    """GELU's gradient is the slope of its output, for negative inputs too."""
    gelu = learner.build("GELU").double()
    expect_gradients_fit_the_output(gelu, values(size, seed=seed, scale=2.0), {}, seed)


def test_gelu_of_large_numbers_is_x_or_0(learner: Port) -> None:
    """For large numbers GELU(x) is x, and for large negative ones it is 0, in float32 and float64.

    The exponential of a large number is infinite, and infinity divided by infinity is nan. `torch.tanh` is safe.
    """
    for dtype in (torch.float32, FLOAT64):
        x = torch.tensor([20.0, -20.0, 80.0, -80.0], dtype=dtype)
        gelu = learner.build("GELU")
        got = (gelu.double() if dtype is FLOAT64 else gelu)(x)
        expect_equal(got, x.clamp(min=0), "the output", dims=("feature",))


def test_gelu_equals_torchs_tanh_form(learner: Port) -> None:
    """GELU is the tanh approximation that GPT-2 was trained with; the exact GELU differs in the fourth decimal.

    Both are called GELU. If you use torch's, you have to tell it which one you mean.
    """
    x = torch.linspace(-4, 4, 17, dtype=FLOAT64)
    got = learner.build("GELU").double()(x)
    expect_equal(got, F.gelu(x, approximate="tanh"), "the output", dims=("position",))


def test_feed_forward_has_its_parameters(learner: Port) -> None:
    """FeedForward widens to 4 * emb_dim and comes back: `layers.0` and `layers.2` each have a weight and a bias.

    The names come from the positions in a Sequential (or ModuleList) called `layers`. GELU is at position 1 and has no
    parameters.
    """
    expect_parameters(learner.build("FeedForward", cfg=config(3)), feed_forward_shapes(3))


@given(emb_dim=sizes(2, 4), seed=seeds())
def test_feed_forward_takes_each_token_by_itself(learner: Port, emb_dim: int, seed: int) -> None:
    """FeedForward gives a token the same output by itself as among other tokens."""
    ff = built(learner, "FeedForward", emb_dim)
    x = values(2, 3, emb_dim, seed=seed)
    whole = expect_tensor(ff.set_parameters(drawn(ff, seed))(x), x.shape, FLOAT64)
    expect_same(ff(x[1:, 2:]), whole[1:, 2:], "the output for one token by itself", dims=DIMS)


def test_feed_forward_has_no_dropout(learner: Port) -> None:
    """FeedForward drops nothing: its output is the same in training mode and in eval mode.

    Dropout belongs to the block, which applies it once, to what FeedForward returns.
    """
    ff = built(learner, "FeedForward", drop_rate=0.5)
    x = values(2, 3, 4, seed=1)
    expected = expect_tensor(ff.set_parameters(drawn(ff, 1))(x), x.shape, FLOAT64)
    expect_same(ff.train()(x), expected, "the output in training mode, compared with eval mode,", dims=DIMS)


@given(emb_dim=sizes(2, 4), seed=seeds())
def test_feed_forward_is_linear_gelu_linear(learner: Port, emb_dim: int, seed: int) -> None:
    """FeedForward is the first linear layer, your GELU, and the second linear layer, with nothing after it.

    The middle part has to be the GELU that you wrote. Does it appear exactly once?
    """
    ff = built(learner, "FeedForward", emb_dim)
    weights = drawn(ff, seed)
    expect(
        "layers.0.weight" in weights and "layers.2.weight" in weights,
        got=", ".join(weights),
        expected="`layers.0`, `layers.2`",
    )
    shapes = feed_forward_shapes(emb_dim, len(weights["layers.0.weight"]))
    for name, value in weights.items():
        expect(
            value.shape == shapes.get(name), got=f"{name} {tuple(value.shape)}", expected=f"shape {shapes.get(name)}"
        )
    x = values(1, 2, emb_dim, seed=seed)
    got = ff.set_parameters(weights)(x)
    widened = F.linear(x, weights["layers.0.weight"], weights.get("layers.0.bias"))
    activated = expect_tensor(
        learner.build("GELU").double()(widened), widened.shape, FLOAT64, "the output of your GELU"
    )
    expected = F.linear(activated, weights["layers.2.weight"], weights.get("layers.2.bias"))
    expect_equal(got, expected, "the output of FeedForward", dims=DIMS)


def test_block_has_its_parameters(learner: Port) -> None:
    """TransformerBlock has exactly the parameters of `att`, `ff`, `norm1` and `norm2`, with two separate norms.

    Without biases for query, key and value, there are 13.
    """
    block = learner.build("TransformerBlock", cfg=config(4))
    # Another check looks at whether those biases are there.
    expect_parameters(block, shapes_of(4, qkv_bias="att.W_query.bias" in block.parameters()))


def test_two_blocks_share_nothing(learner: Port) -> None:
    """Two blocks share no parameters: changing those of one leaves the other's output unchanged."""
    first, second = built(learner), built(learner)
    x = values(1, 2, 4, seed=1)
    expected = expect_tensor(second.set_parameters(drawn(second, 1))(x), x.shape, FLOAT64)
    first.set_parameters(drawn(first, 2))
    expect_same(second(x), expected, "the second block's output after changing the first", dims=DIMS)


def test_cfg_stays_as_it_was(learner: Port) -> None:
    """The constructors read `cfg` without changing it: one dict serves every block of a model."""
    cfg = config(4, drop_rate=0.1)
    kept = learner.put(cfg)
    for name in ("FeedForward", "TransformerBlock"):
        learner.build(name, cfg=kept)
    expect_equal(kept.value(), cfg, "cfg after building a FeedForward and a TransformerBlock")


def test_qkv_bias_is_handed_on(learner: Port) -> None:
    """If `qkv_bias` is True, query, key and value have a bias; if it is False, they have none."""
    for qkv_bias in (True, False):
        parameters = learner.build("TransformerBlock", cfg=config(4, qkv_bias=qkv_bias)).parameters()
        biases = [name for name in parameters if name.startswith("att.W_") and name.endswith(".bias")]
        expected = [f"att.W_{name}.bias" for name in ("query", "key", "value")] if qkv_bias else []
        shown = ", ".join(sorted(biases)) or "no biases"
        expect(
            sorted(biases) == sorted(expected),
            got=shown,
            expected=", ".join(expected) or "none",
            where=f"qkv_bias={qkv_bias}",
        )


@given(emb_dim=sizes(2, 4), more=sizes(1, 4))
def test_context_length_is_handed_on(learner: Port, emb_dim: int, more: int) -> None:
    """The block accepts a sequence of `context_length` tokens, whatever `emb_dim` is."""
    tokens = emb_dim + more
    x = values(1, tokens, emb_dim, seed=1)
    expect_tensor(built(learner, emb_dim=emb_dim, context_length=tokens)(x), x.shape, FLOAT64)


@given(batch=sizes(1, 3), tokens=sizes(1, 4), emb_dim=sizes(2, 4))
def test_block_keeps_shape_and_dtype(learner: Port, batch: int, tokens: int, emb_dim: int) -> None:
    """FeedForward and TransformerBlock return a tensor with the shape and dtype of their input."""
    x = values(batch, tokens, emb_dim, seed=1)
    for name in ("FeedForward", "TransformerBlock"):
        single = learner.build(name, cfg=config(emb_dim))
        expect_tensor(single(x.float()), x.shape, torch.float32, f"the output of {name}")
        expect_tensor(built(learner, name, emb_dim)(x), x.shape, FLOAT64, f"the output of {name}")


@given(tokens=sizes(1, 4), emb_dim=sizes(2, 4), seed=seeds())
def test_texts_do_not_influence_each_other(learner: Port, tokens: int, emb_dim: int, seed: int) -> None:
    """A sequence gives the same output by itself as in a batch with others."""
    block = built(learner, emb_dim=emb_dim)
    x = values(3, tokens, emb_dim, seed=seed)
    whole = expect_tensor(block.set_parameters(drawn(block, seed))(x), x.shape, FLOAT64)
    expect_same(block(x[1:2]), whole[1:2], "the output for one sequence by itself", dims=DIMS)


@given(tokens=sizes(2, 5), seed=seeds())
def test_earlier_tokens_do_not_see_later_ones(learner: Port, tokens: int, seed: int) -> None:
    """Changing the last token changes nothing for the tokens before it: the whole block is causal."""
    block = built(learner)
    x = values(1, tokens, 4, seed=seed)
    changed = x.clone()
    changed[:, -1] = values(4, seed=seed + 1)
    expected = expect_tensor(block.set_parameters(drawn(block, seed))(x), x.shape, FLOAT64)
    got = expect_tensor(block(changed), x.shape, FLOAT64)
    what = "the output of the earlier tokens, once the last one has changed,"
    expect_same(got[:, :-1], expected[:, :-1], what, dims=DIMS)


def test_n_heads_is_handed_on(learner: Port) -> None:
    """`n_heads` sets the number of attention heads: with 2 heads the output differs from that with 1."""
    x = values(1, 3, 4, seed=1)
    one_head, two_heads = built(learner, n_heads=1), built(learner, n_heads=2)
    weights = drawn(one_head, 1)
    expected = expect_tensor(one_head.set_parameters(weights)(x), x.shape, FLOAT64)
    got = expect_tensor(two_heads.set_parameters(weights)(x), x.shape, FLOAT64)
    expect_change(got, expected, "two heads weigh the tokens differently from one")


@given(emb_dim=sizes(3, 6), seed=seeds())
def test_the_first_shortcut_carries_the_input(learner: Port, emb_dim: int, seed: int) -> None:
    """Even if attention adds nothing, the input reaches the output: the first shortcut goes around attention."""
    block = built(learner, emb_dim=emb_dim)
    block.set_parameters(drawn(block, seed, silent=("att",)))
    first, second = (values(1, 1, emb_dim, seed=seed + k) for k in (1, 2))
    got = [expect_tensor(block(x), x.shape, FLOAT64) for x in (first, second)]
    expect_change(*got, "a different output for a different input; attention has zero weights here")


@given(emb_dim=sizes(3, 6), seed=seeds())
def test_the_second_shortcut_carries_the_stream(learner: Port, emb_dim: int, seed: int) -> None:
    """Even if feed-forward adds nothing, the stream reaches the output: the second shortcut goes around `ff`."""
    block = built(learner, emb_dim=emb_dim)
    block.set_parameters(drawn(block, seed, silent=("ff",)))
    first, second = (values(1, 1, emb_dim, seed=seed + k) for k in (1, 2))
    got = [expect_tensor(block(x), x.shape, FLOAT64) for x in (first, second)]
    expect_change(*got, "a different output for a different input; ff has zero weights here")


@given(emb_dim=sizes(3, 6), seed=seeds())
def test_what_attention_adds_reaches_feed_forward(learner: Port, emb_dim: int, seed: int) -> None:
    """Feed-forward works on the sum of input and attention, not on the block's input again.

    The two halves come one after the other: first attention, then feed-forward on what x has become.
    """
    block = built(learner, emb_dim=emb_dim)
    weights = drawn(block, seed)
    name, x = "att.out_proj.bias", values(1, 1, emb_dim, seed=seed + 1)
    expect(name in weights, got=", ".join(weights), expected=f"a parameter `{name}`")
    more = values(emb_dim, seed=seed + 2)
    before = expect_tensor(block.set_parameters(weights)(x), x.shape, FLOAT64)
    after = expect_tensor(block.set_parameters({name: weights[name] + more})(x), x.shape, FLOAT64)
    got = "the output changes only by the amount added to attention's bias"
    expect(differ(after, before + more), got=got, expected="what feed-forward adds changes, too")


@given(emb_dim=sizes(3, 6), seed=seeds())
def test_what_attention_adds_stays_in_the_stream(learner: Port, emb_dim: int, seed: int) -> None:
    """The second shortcut starts from the sum that the first half made, so what attention added stays in the stream.

    Does yours start from the block's input again?
    """
    block = built(learner, emb_dim=emb_dim)
    weights = drawn(block, seed, silent=("ff",))
    x = values(1, 1, emb_dim, seed=seed + 1)
    expected = expect_tensor(block.set_parameters(weights)(x), x.shape, FLOAT64)
    if not expected.any():
        return  # no second shortcut at all: another check reports that
    silent = {name: torch.zeros_like(value) for name, value in weights.items() if name.startswith("att.")}
    got = expect_tensor(block.set_parameters(silent)(x), x.shape, FLOAT64)
    expect_change(got, expected, "a different output if attention has zero weights; ff has zero weights here")


@given(emb_dim=sizes(3, 6), seed=seeds())
def test_attention_reads_its_norm(learner: Port, emb_dim: int, seed: int) -> None:
    """Attention works on `norm1` of the input, so changing `norm1` changes the output."""
    _expect_effect(learner, "norm1", emb_dim, seed)


@given(emb_dim=sizes(3, 6), seed=seeds())
def test_feed_forward_reads_its_norm(learner: Port, emb_dim: int, seed: int) -> None:
    """Feed-forward works on `norm2` of the stream, so changing `norm2` changes the output."""
    _expect_effect(learner, "norm2", emb_dim, seed)


def _expect_effect(learner: Port, norm: str, emb_dim: int, seed: int) -> None:
    """Fail if changing a norm's shift makes no difference; another check reports a norm without one."""
    block = built(learner, emb_dim=emb_dim)
    weights = drawn(block, seed)
    changed = {
        name: value + values(emb_dim, seed=seed + 3) for name, value in weights.items() if name == f"{norm}.shift"
    }
    x = values(1, 1, emb_dim, seed=seed + 1)
    expected = expect_tensor(block.set_parameters(weights)(x), x.shape, FLOAT64)
    got = expect_tensor(block.set_parameters(changed)(x), x.shape, FLOAT64)
    if changed:
        expect_change(got, expected, f"a different output for a different {norm}.shift")


@given(emb_dim=sizes(3, 6), seed=seeds())
def test_norms_stand_inside_their_branches(learner: Port, emb_dim: int, seed: int) -> None:
    """Pre-norm: `norm1` acts only through attention, `norm2` only through feed-forward, and never on a shortcut.

    A norm after the addition, a shortcut that starts after the norm, or two swapped norms fail here.
    """
    for branch, norm in (("att", "norm1"), ("ff", "norm2")):
        block = built(learner, emb_dim=emb_dim)
        weights = drawn(block, seed, silent=(branch,))
        if "norm1.shift" not in weights or "norm2.shift" not in weights:
            return  # the two norms are the same module: another check reports that
        changed = {name: value + 1.0 for name, value in weights.items() if name.startswith(f"{norm}.")}
        x = values(1, 1, emb_dim, seed=seed + 1)
        expected = expect_tensor(block.set_parameters(weights)(x), x.shape, FLOAT64)
        got = expect_tensor(block.set_parameters(changed)(x), x.shape, FLOAT64)
        what = f"the output with zero weights in {branch}, after changing {norm},"
        expect_same(got, expected, what, dims=DIMS)


@given(batch=sizes(1, 2), tokens=sizes(1, 3), emb_dim=sizes(2, 4), seed=seeds())
def test_a_silent_block_is_the_identity(learner: Port, batch: int, tokens: int, emb_dim: int, seed: int) -> None:
    """If attention and feed-forward add nothing, the block returns its input unchanged.

    Each shortcut adds the stream once, neither normalized nor scaled.
    """
    block = built(learner, emb_dim=emb_dim)
    x = values(batch, tokens, emb_dim, seed=seed)
    got = block.set_parameters(drawn(block, seed, silent=("att", "ff")))(x)
    expect_equal(got, x, "the output with zero weights in att and ff", dims=DIMS)


def test_dropout_is_off_in_evaluation_mode(learner: Port) -> None:
    """In eval mode nothing is dropped: the output equals that of a block with drop_rate 0.

    `nn.Dropout` knows its mode by itself; `F.dropout` has to be told.
    """
    plain, block = built(learner), built(learner, drop_rate=0.5)
    weights, x = drawn(plain, 1), values(2, 3, 4, seed=1)
    expected = expect_tensor(plain.set_parameters(weights)(x), x.shape, FLOAT64)
    what = "the output in eval mode, compared with a block without dropout,"
    expect_same(block.set_parameters(weights)(x), expected, what, dims=DIMS)


@given(tokens=sizes(1, 3), seed=seeds())
def test_dropout_spares_the_stream(learner: Port, tokens: int, seed: int) -> None:
    """Dropout acts on what is added, not on the sum: a block that adds nothing returns its input in training, too."""
    block = built(learner, emb_dim=8, drop_rate=0.5)
    x = values(1, tokens, 8, seed=seed)
    expected = expect_tensor(block.set_parameters(drawn(block, seed, silent=("att", "ff")))(x), x.shape, FLOAT64)
    what = "the output in training mode, with zero weights in att and ff, compared with eval mode,"
    expect_same(block.train()(x), expected, what, dims=DIMS)


def test_dropout_acts_on_what_attention_adds(learner: Port) -> None:
    """In training mode, dropout acts on what attention adds."""
    _expect_dropping(learner, "att.out_proj.bias", "attention")


def test_dropout_acts_on_what_feed_forward_adds(learner: Port) -> None:
    """In training mode, dropout acts on what feed-forward adds."""
    _expect_dropping(learner, "ff.layers.2.bias", "feed-forward")


def _expect_dropping(learner: Port, bias: str, branch: str) -> None:
    """Fail if a branch that adds a one everywhere still does so in training mode."""
    outputs = []
    for drop_rate in (0.0, 0.5):
        block = built(learner, emb_dim=8, drop_rate=drop_rate)
        block.set_parameters(constant_branch(block, bias)).train()
        outputs.append(expect_tensor(block(torch.zeros(2, 2, 8, dtype=FLOAT64)), (2, 2, 8), FLOAT64))
    if not outputs[0].any():
        return  # the branch doesn't reach the output: another check reports that
    got = f"with drop_rate 0.5 the same output as with drop_rate 0; {branch} adds a one to every number here"
    expect(differ(*outputs), got=got, expected="about half of the ones dropped")


def test_dropout_divides_what_it_keeps(learner: Port) -> None:
    """What dropout keeps is divided by 1 - drop_rate: with drop_rate 0.75, a one is dropped or becomes 4.

    That keeps the mean the same. nn.Dropout does it by itself.
    """
    x = torch.zeros(2, 6, 32, dtype=FLOAT64)
    for bias in ("att.out_proj.bias", "ff.layers.2.bias"):
        plain, block = built(learner, emb_dim=32), built(learner, emb_dim=32, drop_rate=0.75)
        added = expect_tensor(plain.set_parameters(constant_branch(plain, bias))(x), x.shape, FLOAT64)
        got = expect_tensor(block.set_parameters(constant_branch(block, bias)).train()(x), x.shape, FLOAT64)
        dropped = got == 0
        # If the share dropped isn't drop_rate, within six standard deviations, another check reports that.
        if added.all() and abs(float(dropped.double().mean()) - 0.75) < 0.13:
            expected = torch.where(dropped, 0.0, 4 * added)
            expect_equal(got, expected, f"the output with all weights zero and {bias} one", dims=DIMS)


def test_drop_rate_is_handed_on(learner: Port) -> None:
    """Attention's own dropout uses `drop_rate` too: in a one-token sequence, it drops the only weight that often.

    What do you pass to attention as `dropout`?
    """
    expect_attention_to_drop(learner, 0.5, 1)


def test_the_input_stays_as_it_was(learner: Port) -> None:
    """GELU, FeedForward and the block leave their input unchanged.

    `x += …` writes into the caller's tensor; `x = x + …` makes a new one.
    """
    x = values(1, 2, 4, seed=1)
    for name in ("GELU", "FeedForward", "TransformerBlock"):
        module = learner.build(name).double() if name == "GELU" else built(learner, name)
        kept = learner.put(x)
        module(kept)
        expect_equal(kept.value(), x, f"the input of {name} after the call", dims=DIMS)


def test_gradients_fit_the_output(learner: Port) -> None:
    """The gradients of the input and of every parameter are the slopes of the block's output.

    They go through both shortcuts and both branches. Is anything on the way detached?
    """
    block = built(learner)
    x = values(1, 3, 4, seed=1)
    expect_gradients_fit_the_output(block, x, drawn(block, 1))


def test_the_recorded_block_comes_out(learner: Port, golden: Golden) -> None:
    """A block with two heads, three tokens and four features gives the numbers that a correct solution gives."""
    block = built(learner, n_heads=2)
    got = block.set_parameters(drawn(block, 1))(values(1, 3, 4, seed=1))
    golden.expect("output", got, "the output", dims=DIMS)
