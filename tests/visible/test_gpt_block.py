"""Visible checks of `gpt_block`: GELU, the feed-forward network and the block, each held to one law at a time.

They set parameters by name and compare outputs with one another, so that a mistake in one part costs the points of that
part alone. `silent` parts have all their parameters at zero, and so add nothing.
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
    """GELU returns a tensor of the input's shape and dtype: float32 for float32, float64 for float64."""
    for dtype in (torch.float32, FLOAT64):
        expect_tensor(learner.build("GELU")(torch.ones(shape, dtype=dtype)), shape, dtype)


def test_gelu_has_its_curve(learner: Port) -> None:
    """GELU(-1) is about -0.159, GELU(0) is 0, GELU(1) about 0.841: a soft bend, with a dip on the negative side.

    ReLU has no dip, and SiLU (x times the sigmoid of x) a deeper one. Look for a lost factor: 0.5, √(2/π), 0.044715.
    """
    x = torch.tensor([-3.0, -2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 3.0], dtype=FLOAT64)
    got = learner.build("GELU").double()(x)
    expect_equal(got, F.gelu(x, approximate="tanh"), "the output", dims=("place",), tolerance=ROUGHLY)


@given(size=sizes(1, 5), seed=seeds())
def test_gelus_gradient_fits_its_output(learner: Port, size: int, seed: int) -> None:
    """GELU's gradient is the slope of its own output, on the negative side too."""
    gelu = learner.build("GELU").double()
    expect_gradients_fit_the_output(gelu, values(size, seed=seed, scale=2.0), {}, seed)


def test_gelu_equals_torchs_tanh_form(learner: Port) -> None:
    """GELU is the tanh approximation that GPT-2 was trained with; the exact GELU differs in the fourth decimal.

    Both are called GELU. Where you use torch's, it wants to be told which one is meant.
    """
    x = torch.linspace(-4, 4, 17, dtype=FLOAT64)
    got = learner.build("GELU").double()(x)
    expect_equal(got, F.gelu(x, approximate="tanh"), "the output", dims=("place",))


def test_feed_forward_has_its_parameters(learner: Port) -> None:
    """FeedForward widens to 4 * emb_dim and comes back: `layers.0` and `layers.2`, each with weight and bias.

    The names come from the places in a Sequential (or ModuleList) called `layers`; GELU has place 1, and no parameters.
    """
    expect_parameters(learner.build("FeedForward", cfg=config(3)), feed_forward_shapes(3))


@given(emb_dim=sizes(2, 4), seed=seeds())
def test_feed_forward_takes_each_token_by_itself(learner: Port, emb_dim: int, seed: int) -> None:
    """FeedForward gives one token the same output alone as among others."""
    ff = built(learner, "FeedForward", emb_dim)
    x = values(2, 3, emb_dim, seed=seed)
    whole = expect_tensor(ff.set_parameters(drawn(ff, seed))(x), x.shape, FLOAT64)
    expect_equal(ff(x[1:, 2:]), whole[1:, 2:], "the output for one token alone", dims=DIMS)


def test_feed_forward_has_no_dropout(learner: Port) -> None:
    """FeedForward drops nothing: its output is the same in training and in evaluation mode.

    Dropout belongs to the block, which applies it once to what FeedForward returns.
    """
    ff = built(learner, "FeedForward", drop_rate=0.5)
    x = values(2, 3, 4, seed=1)
    due = expect_tensor(ff.set_parameters(drawn(ff, 1))(x), x.shape, FLOAT64)
    expect_equal(ff.train()(x), due, "the output in training mode", dims=DIMS)


@given(emb_dim=sizes(2, 4), seed=seeds())
def test_feed_forward_is_linear_gelu_linear(learner: Port, emb_dim: int, seed: int) -> None:
    """FeedForward is: the first linear layer, your GELU, the second linear layer, and nothing after it.

    The middle must be the GELU that you wrote, and stand there once.
    """
    ff = built(learner, "FeedForward", emb_dim)
    found = drawn(ff, seed)
    expect(
        "layers.0.weight" in found and "layers.2.weight" in found,
        got=", ".join(found),
        expected="`layers.0`, `layers.2`",
    )
    shapes = feed_forward_shapes(emb_dim, len(found["layers.0.weight"]))
    for name, value in found.items():
        expect(
            value.shape == shapes.get(name), got=f"{name} {tuple(value.shape)}", expected=f"shape {shapes.get(name)}"
        )
    x = values(1, 2, emb_dim, seed=seed)
    got = ff.set_parameters(found)(x)
    wide = F.linear(x, found["layers.0.weight"], found.get("layers.0.bias"))
    bent = expect_tensor(learner.build("GELU").double()(wide), wide.shape, FLOAT64, "the output of your GELU")
    due = F.linear(bent, found["layers.2.weight"], found.get("layers.2.bias"))
    expect_equal(got, due, "the output of FeedForward", dims=DIMS)


def test_block_has_its_parameters(learner: Port) -> None:
    """TransformerBlock has exactly the parameters of `att`, `ff`, `norm1` and `norm2`, and the two norms are two.

    Without query, key and value biases these are 13.
    """
    block = learner.build("TransformerBlock", cfg=config(4))
    # Whether those biases are there is another check's.
    expect_parameters(block, shapes_of(4, qkv_bias="att.W_query.bias" in block.parameters()))


def test_two_blocks_share_nothing(learner: Port) -> None:
    """Two blocks have parameters of their own: changing one block's leaves the other's output as it was."""
    one, other = built(learner), built(learner)
    x = values(1, 2, 4, seed=1)
    due = expect_tensor(other.set_parameters(drawn(other, 1))(x), x.shape, FLOAT64)
    one.set_parameters(drawn(one, 2))
    expect_equal(other(x), due, "the second block's output after a change of the first", dims=DIMS)


def test_cfg_stays_as_it_was(learner: Port) -> None:
    """The constructors read `cfg` and leave it as it was: one dict serves every block of a model."""
    cfg = config(4, drop_rate=0.1)
    kept = learner.put(cfg)
    for name in ("FeedForward", "TransformerBlock"):
        learner.build(name, cfg=kept)
    expect_equal(kept.value(), cfg, "cfg after building a FeedForward and a TransformerBlock")


def test_qkv_bias_is_handed_on(learner: Port) -> None:
    """With `qkv_bias` True query, key and value have a bias, with False they have none."""
    for qkv_bias in (True, False):
        found = learner.build("TransformerBlock", cfg=config(4, qkv_bias=qkv_bias)).parameters()
        biases = [name for name in found if name.startswith("att.W_") and name.endswith(".bias")]
        due = [f"att.W_{name}.bias" for name in ("query", "key", "value")] if qkv_bias else []
        shown = ", ".join(sorted(biases)) or "no biases"
        expect(
            sorted(biases) == sorted(due), got=shown, expected=", ".join(due) or "none", where=f"qkv_bias={qkv_bias}"
        )


@given(emb_dim=sizes(2, 4), more=sizes(1, 4))
def test_context_length_is_handed_on(learner: Port, emb_dim: int, more: int) -> None:
    """A text of `context_length` tokens goes through, whatever `emb_dim` is."""
    tokens = emb_dim + more
    x = values(1, tokens, emb_dim, seed=1)
    expect_tensor(built(learner, emb_dim=emb_dim, context_length=tokens)(x), x.shape, FLOAT64)


@given(batch=sizes(1, 3), tokens=sizes(1, 4), emb_dim=sizes(2, 4))
def test_block_keeps_shape_and_dtype(learner: Port, batch: int, tokens: int, emb_dim: int) -> None:
    """FeedForward and TransformerBlock return a tensor of the input's shape and dtype."""
    x = values(batch, tokens, emb_dim, seed=1)
    for name in ("FeedForward", "TransformerBlock"):
        single = learner.build(name, cfg=config(emb_dim))
        expect_tensor(single(x.float()), x.shape, torch.float32, f"the output of {name}")
        expect_tensor(built(learner, name, emb_dim)(x), x.shape, FLOAT64, f"the output of {name}")


@given(tokens=sizes(1, 4), emb_dim=sizes(2, 4), seed=seeds())
def test_texts_do_not_influence_each_other(learner: Port, tokens: int, emb_dim: int, seed: int) -> None:
    """A text's output is the same alone as in a batch with others."""
    block = built(learner, emb_dim=emb_dim)
    x = values(3, tokens, emb_dim, seed=seed)
    whole = expect_tensor(block.set_parameters(drawn(block, seed))(x), x.shape, FLOAT64)
    expect_equal(block(x[1:2]), whole[1:2], "the output for one text alone", dims=DIMS)


@given(tokens=sizes(2, 5), seed=seeds())
def test_earlier_tokens_do_not_see_later_ones(learner: Port, tokens: int, seed: int) -> None:
    """A change of the last token changes nothing for the tokens before it: the whole block is causal."""
    block = built(learner)
    x = values(1, tokens, 4, seed=seed)
    changed = x.clone()
    changed[:, -1] = values(4, seed=seed + 1)
    due = expect_tensor(block.set_parameters(drawn(block, seed))(x), x.shape, FLOAT64)
    got = expect_tensor(block(changed), x.shape, FLOAT64)
    expect_equal(got[:, :-1], due[:, :-1], "the output of the earlier tokens", dims=DIMS)


def test_n_heads_is_handed_on(learner: Port) -> None:
    """`n_heads` is the number of attention's heads: with 2 heads the output differs from that with 1."""
    x = values(1, 3, 4, seed=1)
    one, two = built(learner, n_heads=1), built(learner, n_heads=2)
    weights = drawn(one, 1)
    due = expect_tensor(one.set_parameters(weights)(x), x.shape, FLOAT64)
    got = expect_tensor(two.set_parameters(weights)(x), x.shape, FLOAT64)
    expect_change(got, due, "two heads weigh the tokens otherwise than one does")


@given(emb_dim=sizes(3, 6), seed=seeds())
def test_the_first_shortcut_carries_the_input(learner: Port, emb_dim: int, seed: int) -> None:
    """Where attention adds nothing, the input still reaches the output: the first shortcut leads past attention."""
    block = built(learner, emb_dim=emb_dim)
    block.set_parameters(drawn(block, seed, silent=("att",)))
    one, other = (values(1, 1, emb_dim, seed=seed + k) for k in (1, 2))
    got = [expect_tensor(block(x), x.shape, FLOAT64) for x in (one, other)]
    expect_change(*got, "another output for another input; attention has zero weights here")


@given(emb_dim=sizes(3, 6), seed=seeds())
def test_the_second_shortcut_carries_the_stream(learner: Port, emb_dim: int, seed: int) -> None:
    """Where feed-forward adds nothing, the stream still reaches the output: the second shortcut leads past `ff`."""
    block = built(learner, emb_dim=emb_dim)
    block.set_parameters(drawn(block, seed, silent=("ff",)))
    one, other = (values(1, 1, emb_dim, seed=seed + k) for k in (1, 2))
    got = [expect_tensor(block(x), x.shape, FLOAT64) for x in (one, other)]
    expect_change(*got, "another output for another input; ff has zero weights here")


@given(emb_dim=sizes(3, 6), seed=seeds())
def test_what_attention_adds_reaches_feed_forward(learner: Port, emb_dim: int, seed: int) -> None:
    """Feed-forward works on the sum of input and attention, not on the block's input once more.

    The two halves come one after the other: attention first, then feed-forward on what has become of x.
    """
    block = built(learner, emb_dim=emb_dim)
    weights = drawn(block, seed)
    name, x = "att.out_proj.bias", values(1, 1, emb_dim, seed=seed + 1)
    expect(name in weights, got=", ".join(weights), expected=f"a parameter `{name}`")
    more = values(emb_dim, seed=seed + 2)
    before = expect_tensor(block.set_parameters(weights)(x), x.shape, FLOAT64)
    after = expect_tensor(block.set_parameters({name: weights[name] + more})(x), x.shape, FLOAT64)
    got = "the output changes by just what attention adds more"
    expect(differ(after, before + more), got=got, expected="what feed-forward adds changes too")


@given(emb_dim=sizes(3, 6), seed=seeds())
def test_what_attention_adds_stays_in_the_stream(learner: Port, emb_dim: int, seed: int) -> None:
    """The second shortcut starts from the sum of the first half: what attention has added stays in the stream.

    It does not start from the block's input again.
    """
    block = built(learner, emb_dim=emb_dim)
    weights = drawn(block, seed, silent=("ff",))
    x = values(1, 1, emb_dim, seed=seed + 1)
    due = expect_tensor(block.set_parameters(weights)(x), x.shape, FLOAT64)
    if not due.any():
        return  # no second shortcut at all, which is another check's
    silent = {name: torch.zeros_like(value) for name, value in weights.items() if name.startswith("att.")}
    got = expect_tensor(block.set_parameters(silent)(x), x.shape, FLOAT64)
    expect_change(got, due, "with zero weights in attention another output than with others; ff has zero weights here")


@given(emb_dim=sizes(3, 6), seed=seeds())
def test_attention_reads_its_norm(learner: Port, emb_dim: int, seed: int) -> None:
    """What `norm1` does has an effect: attention works on `norm1` of the input."""
    _expect_effect(learner, "norm1", emb_dim, seed)


@given(emb_dim=sizes(3, 6), seed=seeds())
def test_feed_forward_reads_its_norm(learner: Port, emb_dim: int, seed: int) -> None:
    """What `norm2` does has an effect: feed-forward works on `norm2` of the stream."""
    _expect_effect(learner, "norm2", emb_dim, seed)


def _expect_effect(learner: Port, norm: str, emb_dim: int, seed: int) -> None:
    """Fail where the values of a norm's parameters make no difference; a norm that has none is another check's."""
    block = built(learner, emb_dim=emb_dim)
    weights = drawn(block, seed)
    changed = {
        name: value + values(emb_dim, seed=seed + 3) for name, value in weights.items() if name == f"{norm}.shift"
    }
    x = values(1, 1, emb_dim, seed=seed + 1)
    due = expect_tensor(block.set_parameters(weights)(x), x.shape, FLOAT64)
    got = expect_tensor(block.set_parameters(changed)(x), x.shape, FLOAT64)
    if changed:
        expect_change(got, due, f"another output for another {norm}.shift")


@given(emb_dim=sizes(3, 6), seed=seeds())
def test_norms_stand_inside_their_branches(learner: Port, emb_dim: int, seed: int) -> None:
    """Pre-norm: `norm1` acts only through attention, `norm2` only through feed-forward, and never on the shortcut.

    A norm after the addition, a shortcut that starts after the norm, or the two norms changed round show here.
    """
    for branch, norm in (("att", "norm1"), ("ff", "norm2")):
        block = built(learner, emb_dim=emb_dim)
        weights = drawn(block, seed, silent=(branch,))
        if "norm1.shift" not in weights or "norm2.shift" not in weights:
            return  # the two norms are one, which is another check's
        changed = {name: value + 1.0 for name, value in weights.items() if name.startswith(f"{norm}.")}
        x = values(1, 1, emb_dim, seed=seed + 1)
        due = expect_tensor(block.set_parameters(weights)(x), x.shape, FLOAT64)
        got = expect_tensor(block.set_parameters(changed)(x), x.shape, FLOAT64)
        what = f"the output, {branch} having zero weights, after a change of {norm},"
        expect_equal(got, due, what, dims=DIMS)


@given(batch=sizes(1, 2), tokens=sizes(1, 3), emb_dim=sizes(2, 4), seed=seeds())
def test_a_silent_block_is_the_identity(learner: Port, batch: int, tokens: int, emb_dim: int, seed: int) -> None:
    """Where attention and feed-forward add nothing, the block returns its input as it came.

    Each shortcut adds the stream once, neither normalised nor scaled.
    """
    block = built(learner, emb_dim=emb_dim)
    x = values(batch, tokens, emb_dim, seed=seed)
    got = block.set_parameters(drawn(block, seed, silent=("att", "ff")))(x)
    expect_equal(got, x, "the output, att and ff having zero weights,", dims=DIMS)


def test_dropout_is_off_in_evaluation_mode(learner: Port) -> None:
    """In evaluation mode nothing is dropped: the output is that of a block with drop_rate 0.

    `nn.Dropout` knows its mode by itself; `F.dropout` has to be told.
    """
    plain, block = built(learner), built(learner, drop_rate=0.5)
    weights, x = drawn(plain, 1), values(2, 3, 4, seed=1)
    due = expect_tensor(plain.set_parameters(weights)(x), x.shape, FLOAT64)
    expect_equal(block.set_parameters(weights)(x), due, "the output in evaluation mode", dims=DIMS)


@given(tokens=sizes(1, 3), seed=seeds())
def test_dropout_spares_the_stream(learner: Port, tokens: int, seed: int) -> None:
    """Dropout acts on what is added, never on the sum: a block that adds nothing gives the same in training mode."""
    block = built(learner, emb_dim=8, drop_rate=0.5)
    x = values(1, tokens, 8, seed=seed)
    due = expect_tensor(block.set_parameters(drawn(block, seed, silent=("att", "ff")))(x), x.shape, FLOAT64)
    expect_equal(block.train()(x), due, "the output in training mode, att and ff having zero weights,", dims=DIMS)


def test_dropout_acts_on_what_attention_adds(learner: Port) -> None:
    """In training mode dropout acts on what attention adds."""
    _expect_dropping(learner, "att.out_proj.bias", "attention")


def test_dropout_acts_on_what_feed_forward_adds(learner: Port) -> None:
    """In training mode dropout acts on what feed-forward adds."""
    _expect_dropping(learner, "ff.layers.2.bias", "feed-forward")


def _expect_dropping(learner: Port, bias: str, branch: str) -> None:
    """Fail where a branch that adds a one everywhere does so in training mode too."""
    outputs = []
    for drop_rate in (0.0, 0.5):
        block = built(learner, emb_dim=8, drop_rate=drop_rate)
        block.set_parameters(constant_branch(block, bias)).train()
        outputs.append(expect_tensor(block(torch.zeros(2, 2, 8, dtype=FLOAT64)), (2, 2, 8), FLOAT64))
    if not outputs[0].any():
        return  # the branch does not reach the output, which is another check's
    got = f"with drop_rate 0.5 the output is that with drop_rate 0, where {branch} adds a one to every number"
    expect(differ(*outputs), got=got, expected="about half of the ones dropped")


def test_dropout_divides_what_it_keeps(learner: Port) -> None:
    """What dropout keeps is divided by 1 - drop_rate: a one is dropped, or with drop_rate 0.75 becomes 4.

    So the mean stays. nn.Dropout does it by itself.
    """
    x = torch.zeros(2, 6, 32, dtype=FLOAT64)
    for bias in ("att.out_proj.bias", "ff.layers.2.bias"):
        plain, block = built(learner, emb_dim=32), built(learner, emb_dim=32, drop_rate=0.75)
        added = expect_tensor(plain.set_parameters(constant_branch(plain, bias))(x), x.shape, FLOAT64)
        got = expect_tensor(block.set_parameters(constant_branch(block, bias)).train()(x), x.shape, FLOAT64)
        dropped = got == 0
        # Where the share dropped is not drop_rate, as it is up to six standard deviations, that is another check's.
        if added.all() and abs(float(dropped.double().mean()) - 0.75) < 0.13:
            due = torch.where(dropped, 0.0, 4 * added)
            expect_equal(got, due, f"the output, all weights being zero and {bias} one,", dims=DIMS)


def test_drop_rate_is_handed_on(learner: Port) -> None:
    """`drop_rate` is the rate of attention's own dropout too: alone, a token with itself, it is dropped as a whole.

    Hand it to attention as `dropout`.
    """
    expect_attention_to_drop(learner, 0.5, 1)


def test_the_input_stays_as_it_was(learner: Port) -> None:
    """A forward pass leaves its input as it was: of GELU, of FeedForward, and of the block.

    `x += …` writes into the caller's tensor; `x = x + …` makes a new one.
    """
    x = values(1, 2, 4, seed=1)
    for name in ("GELU", "FeedForward", "TransformerBlock"):
        module = learner.build(name).double() if name == "GELU" else built(learner, name)
        kept = learner.put(x)
        module(kept)
        expect_equal(kept.value(), x, f"the input of {name} after the call", dims=DIMS)


def test_gradients_fit_the_output(learner: Port) -> None:
    """The gradients of the input and of every parameter are the slopes of the block's own output.

    Through both shortcuts and both branches: nothing on the way may be detached.
    """
    block = built(learner)
    x = values(1, 3, 4, seed=1)
    expect_gradients_fit_the_output(block, x, drawn(block, 1))


def test_the_recorded_block_comes_out(learner: Port, golden: Golden) -> None:
    """A recorded block with two heads, three tokens and four features gives the recorded numbers."""
    block = built(learner, n_heads=2)
    got = block.set_parameters(drawn(block, 1))(values(1, 3, 4, seed=1))
    golden.expect("output", got, "the output", dims=DIMS)
