"""Visible checks of `gpt_model`: what the model has, and what happens to ids on their way to logits, one step each."""

import torch

from grader.checks import Golden, Port, expect, expect_parameters, expect_tensor, values
from tests.visible.blocks import differ
from tests.visible.models import (
    CONTEXT,
    DIMS,
    FLOAT64,
    VOCABULARY,
    WIDTH,
    built,
    config,
    drawn,
    expect_cfg_unchanged,
    expect_dropout_of_the_sum,
    expect_logits,
    expect_logits_on_another_device,
    expect_no_dropout,
    expect_same_logits,
    expect_share_dropped,
    ids,
    logits_of,
    outer_shapes,
)


def test_there_are_n_layers_blocks(learner: Port) -> None:
    """The model has `n_layers` blocks, `trf_blocks.0`, `trf_blocks.1` and so on, each with its own parameters.

    A plain Python list hides its modules from torch, and a list times three contains the same block three times.
    """
    for n_layers in (1, 3):
        names = built(learner, n_layers=n_layers).parameters()
        got = sorted({name.split(".")[1] for name in names if name.startswith("trf_blocks.")})
        expected = [str(number) for number in range(n_layers)]
        expect(got == expected, got=_blocks(got), expected=_blocks(expected), where=f"n_layers={n_layers}")


def _blocks(numbers: list[str]) -> str:
    return ", ".join(f"trf_blocks.{number}" for number in numbers) or "no block with parameters of its own"


def test_parameters_are_exactly_these(learner: Port) -> None:
    """Around the blocks, the parameters are two embeddings, `final_norm` and the head's weight, all of them trainable.

    `pos_emb` has a row for each position. The head has no bias, and a weight that it doesn't share with `tok_emb`.
    """
    model = learner.build("GPTModel", cfg=config())
    # Other checks look at the blocks.
    inside = {
        name: tuple(parameter.value.shape)
        for name, parameter in model.parameters().items()
        if name.startswith("trf_blocks.")
    }
    expect_parameters(model, outer_shapes() | inside)


def test_every_length_is_taken(learner: Port) -> None:
    """Ids (batch, tokens) become logits (batch, tokens, vocab_size), however short the texts are, in both dtypes.

    Look up as many positions as there are tokens. Every position gets its logits, not only the last one.
    """
    for batch, tokens in ((1, 1), (2, 3), (3, 2)):
        for dtype in (torch.float32, FLOAT64):
            model = learner.build("GPTModel", cfg=config(n_layers=1)).eval()
            logits = (model.double() if dtype is FLOAT64 else model)(ids(batch, tokens, vocab_size=CONTEXT))
            expect_tensor(logits, (batch, tokens, VOCABULARY), dtype)


def test_position_i_takes_row_i(learner: Port) -> None:
    """Position i takes row i of `pos_emb`, in every text of the batch: changing that row changes what comes out there.

    The first token is at position 0. If a text is shorter than the context, it doesn't use the last rows.
    """
    for tokens in (3, CONTEXT):
        model, in_idx = built(learner, n_layers=1), ids(2, tokens)
        weights = drawn(model, 1, silent=[0])
        before = logits_of(model.set_parameters(weights), in_idx)
        for row in range(CONTEXT):
            changed = torch.where(
                torch.arange(CONTEXT)[:, None] == row, values(WIDTH, seed=row + 2), weights["pos_emb.weight"]
            )
            after = logits_of(model.set_parameters({"pos_emb.weight": changed}), in_idx)
            got = ((after - before).abs().amax(dim=-1) > 1e-6).nonzero().tolist()
            expected = [[text, row] for text in range(2) if row < tokens]
            where = f"where logits for two texts of {tokens} tokens change with row {row} of pos_emb"
            expect(got == expected, got=_places(got), expected=_places(expected), where=where)


def _places(places: list[list[int]]) -> str:
    return ", ".join(f"text {text} position {position}" for text, position in places) or "nowhere"


def test_embeddings_are_added(learner: Port) -> None:
    """The two embeddings are added as they are: what you add to one and subtract from the other makes no difference.

    Neither is multiplied by anything, such as the square root of emb_dim.
    """
    model, in_idx, more = built(learner), ids(2, 3), 3 * values(WIDTH, seed=2)
    weights = drawn(model, 1)
    before = logits_of(model.set_parameters(weights), in_idx)
    moved = {"tok_emb.weight": weights["tok_emb.weight"] + more, "pos_emb.weight": weights["pos_emb.weight"] - more}
    what = "the logits with a vector added to each row of tok_emb and subtracted from each row of pos_emb"
    expect_same_logits(model.set_parameters(moved)(in_idx), before, what)


def test_logits_are_the_heads_scores(learner: Port) -> None:
    """Logits are what the head computes, nothing more: with a head twice as large, they are twice as large.

    Softmax comes later, in the loss or when you write text.
    """
    model, in_idx = built(learner), ids(1, 2)
    weights = drawn(model, 1)
    before = logits_of(model.set_parameters(weights), in_idx)
    head = {name: 2 * value for name, value in weights.items() if name.startswith("out_head.")}
    if head:  # another check reports a head without parameters of its own
        expect_logits(model.set_parameters(head)(in_idx), 2 * before, "the logits with out_head.weight doubled")


def test_final_norm_comes_last(learner: Port) -> None:
    """The head reads `final_norm` of what the last block returns: a larger `shift` arrives at the head as it is.

    Does forward call `final_norm`, and does it come after the blocks?
    """
    model, in_idx, more = built(learner), ids(1, 2), values(WIDTH, seed=2)
    weights = drawn(model, 1)
    before = logits_of(model.set_parameters(weights), in_idx)
    shift = {"final_norm.shift": weights["final_norm.shift"] + more}
    after = model.set_parameters(shift)(in_idx)
    head = weights.get("out_head.weight", weights["tok_emb.weight"])
    expect_logits(after, before + head @ more, "the logits after adding a vector to final_norm.shift")


def test_every_block_takes_part(learner: Port) -> None:
    """Every block takes part: changing the parameters of any one changes the logits."""
    model, in_idx = built(learner, n_layers=3), ids(1, 3)
    weights = drawn(model, 1)
    before = logits_of(model.set_parameters(weights), in_idx)
    for number in range(3):
        name = f"trf_blocks.{number}.ff.layers.2.bias"
        if name in weights:  # another check reports blocks that are missing
            after = logits_of(model.set_parameters(weights | {name: -weights[name]}), in_idx)
            where = f"the logits after changing {name}, one of three blocks"
            expect(differ(after, before), got="the same logits as before", expected="other logits", where=where)


def test_blocks_run_in_order(learner: Port) -> None:
    """The blocks run once each, from the first to the last, and each reads what the one before it returned.

    Which block reads the embeddings, and what does the next one read? Here, a block that only adds a vector has to do
    the same as `pos_emb` with that vector added, if the blocks before it add nothing.
    """
    model, in_idx, more = built(learner, n_layers=3), ids(1, 2), values(WIDTH, seed=2)
    weights = drawn(model, 1)
    for number in range(3):
        name = f"trf_blocks.{number}.ff.layers.2.bias"
        if name not in weights:
            continue  # another check reports blocks that are missing
        quiet = drawn(model, 1, silent=range(number + 1))
        moved = {"pos_emb.weight": weights["pos_emb.weight"] + more}
        expected = logits_of(model.set_parameters(quiet | moved), in_idx)
        got = model.set_parameters(quiet | {name: more})(in_idx)
        what = f"the logits if block {number} adds a vector, compared with pos_emb adding it,"
        expect_same_logits(got, expected, what)


def test_cfg_stays_as_it_was(learner: Port) -> None:
    """Building a model leaves `cfg` unchanged: whoever made the dict goes on using it."""
    expect_cfg_unchanged(learner, config(drop_rate=0.1, qkv_bias=True))


def test_blocks_are_built_from_cfg(learner: Port) -> None:
    """The blocks get the settings in `cfg`: `qkv_bias` gives them biases, and `n_heads` heads see something else."""
    for qkv_bias in (True, False):
        names = built(learner, qkv_bias=qkv_bias).parameters()
        got = any(name.startswith("trf_blocks.") and name.endswith("W_query.bias") for name in names)
        text = ("no bias in W_query", "a bias in W_query")
        expect(got == qkv_bias, got=text[got], expected=text[qkv_bias], where=f"qkv_bias={qkv_bias}")
    one_head, two_heads = built(learner, n_heads=1), built(learner, n_heads=2)
    weights, in_idx = drawn(one_head, 1), ids(1, 4)
    expected = logits_of(one_head.set_parameters(weights), in_idx)
    got_logits = logits_of(two_heads.set_parameters(weights), in_idx)
    expect(differ(got_logits, expected), got="the same logits with 2 heads as with 1", expected="other logits")


def test_dropout_is_off_in_evaluation_mode(learner: Port) -> None:
    """In eval mode nothing is dropped: the logits are those of a model with drop_rate 0.

    `nn.Dropout` knows its mode by itself; `F.dropout` has to be told.
    """
    expect_no_dropout(learner, 0.5, 1)


def test_dropout_acts_on_the_sum(learner: Port) -> None:
    """Dropout acts on the sum of both embeddings: where they cancel out, there is nothing to drop.

    Dropping numbers of only one of them, or of each by itself, leaves something.
    """
    expect_dropout_of_the_sum(learner, 0.5, 1)


def test_drop_rate_is_the_share_that_is_dropped(learner: Port) -> None:
    """In training mode, `drop_rate` is the share of the embeddings' numbers that dropout sets to zero.

    Does dropout act once, before the first block, and with the rate from `cfg`?
    """
    expect_share_dropped(learner, 0.25, "tok_emb.weight", "the embeddings")


def test_drop_rate_is_handed_on(learner: Port) -> None:
    """In training mode, the blocks drop at `drop_rate`, too, and nothing else drops what the last block returns."""
    expect_share_dropped(learner, 0.25, "trf_blocks.0.ff.layers.2.bias", "what the only block adds")


def test_the_logits_are_on_the_models_device(learner: Port) -> None:
    """A model that is moved to another device, as to a GPU with `.to("cuda")`, computes there.

    Which tensor does forward create itself? It needs `device=in_idx.device`.
    """
    expect_logits_on_another_device(learner, ids(1, 2))


def test_gradients_reach_every_parameter(learner: Port) -> None:
    """Gradients reach every parameter: both embeddings, every block, the norm and the head.

    Is anything on the way detached, or computed without gradients?
    """
    model, in_idx = built(learner), ids(2, 3)
    weights = drawn(model, 1)
    upstream = values(2, 3, VOCABULARY, seed=2)
    gradients = model.set_parameters(weights).gradients(in_idx, upstream=upstream).parameters
    for name in weights:
        gradient = gradients.get(name)
        got = (
            gradient is not None
            and expect_tensor(gradient, weights[name].shape, FLOAT64, f"the gradient of {name}").any()
        )
        expect(bool(got), got="no gradient" if gradient is None else "zero", expected="a gradient", where=name)


def test_the_recorded_model_comes_out(learner: Port, golden: Golden) -> None:
    """A model with two blocks and two heads gives the logits that a correct solution gives."""
    model = learner.build("GPTModel", cfg=config(n_heads=2)).eval()
    weights = {name: value.float() for name, value in drawn(model, 1).items()}
    golden.expect("logits", model.set_parameters(weights)(ids(2, 3, seed=1)), "the logits", dims=DIMS)
