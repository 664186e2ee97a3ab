"""Hidden checks of `gpt_model`: every size compared with the reference, and dropout in numbers."""

import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.checks import Port, expect, expect_any_tensor, expect_equal, expect_same, seeds, sizes, values, weights
from grader.wire.plain import Plain
from tests.visible.models import (
    CONTEXT,
    DIMS,
    FLOAT32,
    FLOAT64,
    VOCABULARY,
    all_shapes,
    built,
    config,
    drawn,
    dropped_in,
    expect_cfg_unchanged,
    expect_dropout_of_the_sum,
    expect_logits,
    expect_logits_on_another_device,
    expect_no_dropout,
    expect_same_logits,
    expect_share_dropped,
    ids,
    logits_of,
    transparent,
)

RATES = st.sampled_from([0.1, 0.3, 0.5, 0.7])
WIDE = 32
"""The width at which rows of random numbers show what dropout did."""


@given(batch=sizes(1, 3), tokens=sizes(1, CONTEXT), n_layers=sizes(0, 2))
def test_logits_of_every_size_are_on_the_models_device(learner: Port, batch: int, tokens: int, n_layers: int) -> None:
    """Whatever its size, a model computes on the device that it was moved to."""
    expect_logits_on_another_device(learner, ids(batch, tokens), n_layers=n_layers)


@given(
    batch=sizes(1, 3),
    tokens=sizes(1, CONTEXT),
    heads=sizes(1, 2),
    head_dim=sizes(2, 3),
    n_layers=sizes(1, 3),
    qkv_bias=st.booleans(),
    seed=seeds(),
)
def test_logits_equal_the_reference(
    learner: Port,
    reference: Port,
    batch: int,
    tokens: int,
    heads: int,
    head_dim: int,
    n_layers: int,
    qkv_bias: bool,
    seed: int,
) -> None:
    """The logits are those of a correct solution, for any number of texts, tokens, heads and blocks."""
    changes = {"emb_dim": heads * head_dim, "n_heads": heads, "n_layers": n_layers, "qkv_bias": qkv_bias}
    given_weights, in_idx = weights(all_shapes(**changes), seed), ids(batch, tokens, seed=seed)
    got, expected = (built(port, **changes).set_parameters(given_weights)(in_idx) for port in (learner, reference))
    expect_logits(got, expect_any_tensor(expected))


@given(tokens=sizes(1, CONTEXT), seed=seeds())
def test_float32_agrees_with_float64(learner: Port, tokens: int, seed: int) -> None:
    """In float32, the model gives the same logits as in float64, up to rounding."""
    exact, single, in_idx = built(learner), learner.build("GPTModel", cfg=config()).eval(), ids(2, tokens, seed=seed)
    parameters = drawn(exact, seed)
    expected = logits_of(exact.set_parameters(parameters), in_idx)
    single.set_parameters({name: value.float() for name, value in parameters.items()})
    expect_same(single(in_idx), expected.float(), "the logits in float32, compared with float64,", dims=DIMS)


@given(tokens=sizes(2, CONTEXT), strided=st.booleans(), seed=seeds())
def test_ids_may_be_strided_and_stay_as_they_were(learner: Port, tokens: int, strided: bool, seed: int) -> None:
    """The ids are only read: they stay as they were, and they may be a transpose or a slice.

    `view` needs ids that are contiguous; `reshape` doesn't.
    """
    model, in_idx = built(learner), ids(2, tokens, seed=seed)
    expected = logits_of(model.set_parameters(drawn(model, seed)), in_idx)
    kept = learner.put(in_idx, strided=strided)
    expect_same_logits(model(kept), expected, f"the logits of a second call{', with strided ids,' if strided else ''}")
    expect_equal(kept.value(), in_idx, "the ids after the call", dims=DIMS[:2])


@given(batch=sizes(1, 2), tokens=sizes(1, 4), seed=seeds())
def test_gradients_equal_the_reference(learner: Port, reference: Port, batch: int, tokens: int, seed: int) -> None:
    """The gradient of every parameter is that of a correct solution.

    The rows of an embedding that nothing looked up have a gradient of zero; all the others have one.
    """
    given_weights, in_idx = weights(all_shapes(), seed), ids(batch, tokens, seed=seed)
    upstream = values(batch, tokens, VOCABULARY, seed=seed + 1)
    got, expected = (
        built(port).set_parameters(given_weights).gradients(in_idx, upstream=upstream).parameters
        for port in (learner, reference)
    )
    for name, gradient in expected.items():
        expect_equal(got.get(name), gradient, f"the gradient of {name}", tolerance=FLOAT32)


@given(batch=sizes(2, 3), tokens=sizes(1, 4), seed=seeds())
def test_texts_do_not_influence_each_other(learner: Port, batch: int, tokens: int, seed: int) -> None:
    """A text gives the same logits by itself as in a batch with others."""
    model, in_idx = built(learner), ids(batch, tokens, seed=seed)
    whole = logits_of(model.set_parameters(drawn(model, seed)), in_idx)
    for text in range(batch):
        what = f"the logits for text {text} by itself, compared with the batch,"
        expect_same_logits(model(in_idx[text : text + 1]), whole[text : text + 1], what)


@given(first=sizes(1, CONTEXT), then=sizes(1, CONTEXT), seed=seeds())
def test_calls_do_not_influence_each_other(learner: Port, first: int, then: int, seed: int) -> None:
    """A call gives the same logits whatever came before it, such as a shorter or longer text."""
    fresh, used = built(learner), built(learner)
    parameters, in_idx = drawn(fresh, seed), ids(2, then, seed=seed + 1)
    expected = logits_of(fresh.set_parameters(parameters), in_idx)
    logits_of(used.set_parameters(parameters), ids(2, first, seed=seed))
    expect_same_logits(used(in_idx), expected, "the logits after a call with another text")


def _dropped_embeddings(learner: Port, size: float, rate: float) -> tuple[Plain, torch.Tensor, torch.Tensor]:
    """Return what two calls in training mode show of embeddings that are all this size, and where the first dropped."""
    model = built(learner, vocab_size=WIDE, emb_dim=WIDE, n_layers=1, drop_rate=rate)
    parameters = transparent(model, WIDE)
    parameters["tok_emb.weight"].fill_(size)
    in_idx = torch.zeros(2, CONTEXT, dtype=torch.int64)
    first, second = (logits_of(model.set_parameters(parameters).train(), in_idx, WIDE) for _ in range(2))
    return first, second, dropped_in(first)


def test_dropout_draws_each_number_by_itself(learner: Port) -> None:
    """Dropout decides separately for each feature, each token, each text and each call."""
    first, second, dropped = _dropped_embeddings(learner, 1.0, 0.5)
    if not dropped.any():
        return  # no dropout: another check reports that
    pairs = {
        "features of one token": (dropped[..., : WIDE // 2], dropped[..., WIDE // 2 :]),
        "tokens of one text": (dropped[:, 0], dropped[:, 1]),
        "texts of one batch": (dropped[0], dropped[1]),
        "calls": (first, second),
    }
    for name, (left, right) in pairs.items():
        expect(not torch.equal(left, right), got=f"two {name} lose the same numbers", expected="each loses its own")


@given(rate=RATES, n_layers=sizes(1, 2), qkv_bias=st.booleans())
def test_every_cfg_stays_as_it_was(learner: Port, rate: float, n_layers: int, qkv_bias: bool) -> None:
    """Building a model leaves `cfg` unchanged, whatever is in it."""
    expect_cfg_unchanged(learner, config(drop_rate=rate, n_layers=n_layers, qkv_bias=qkv_bias))


@given(rate=RATES, seed=seeds())
def test_no_rate_shows_in_evaluation_mode(learner: Port, rate: float, seed: int) -> None:
    """In eval mode, a model gives the same logits as one without dropout, whatever its rate."""
    expect_no_dropout(learner, rate, seed)


@given(rate=RATES, seed=seeds())
def test_where_embeddings_cancel_out_nothing_is_dropped(learner: Port, rate: float, seed: int) -> None:
    """At every rate, dropout acts on the sum of both embeddings: where they cancel out, nothing is left to drop."""
    expect_dropout_of_the_sum(learner, rate, seed)


def test_the_share_dropped_is_drop_rate_whatever_it_is(learner: Port) -> None:
    """In training mode, `drop_rate` is the share dropped, of the embeddings and in the blocks, at another rate, too."""
    for name in ("tok_emb.weight", "trf_blocks.0.ff.layers.2.bias"):
        expect_share_dropped(learner, 0.6, name, f"numbers made by {name}")


def test_dropout_divides_what_it_keeps(learner: Port) -> None:
    """What dropout keeps of the embeddings is divided by 1 - drop_rate, which keeps the mean the same.

    nn.Dropout does it by itself.
    """
    rate = 0.75
    size = 1e-5**0.5  # so small that eps, in the last norm, tells it from a number twice as large
    got, _, dropped = _dropped_embeddings(learner, size, rate)
    stream = torch.where(dropped, 0.0, size / (1 - rate)).to(FLOAT64)
    expected = torch.nn.functional.layer_norm(stream, (WIDE,), eps=1e-5)
    expect_logits(got, expected, "the normalized embeddings after dropout")
