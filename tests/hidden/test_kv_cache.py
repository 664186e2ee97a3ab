"""Hidden checks of `kv_cache`: drawn cuts, shapes and settings, compared with the reference without a cache."""

from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.checks import Port, expect, expect_equal, expect_parameters, laws, seeds, sizes
from tests.visible import attention
from tests.visible.attention import HEADS, ONE_HEAD
from tests.visible.caching import (
    DIMS,
    VOCAB,
    WIDTH,
    attention_of,
    config,
    expect_cached_logits_on_another_device,
    gpt_of,
    gpt_shapes,
    ids_of,
    in_pieces,
    vectors_of,
)
from tests.visible.generating import expect_ids, greedy, model_of, passes_of, prompt_of

test_attention_has_its_parameters_at_every_size = laws.parameters_are_exactly_these(
    HEADS.of(qkv_bias=st.booleans(), out_proj=True),
    title="At every size, with and without biases, the attention has the parameters of multi_head_attention.",
)

test_attention_equals_the_reference_without_a_cache = laws.output_equals_the_reference(
    HEADS.of(qkv_bias=st.booleans(), out_proj=True)
)

test_attention_drops_weights_at_the_rate_asked = attention.training_mode_drops_weights_at_the_rate_asked(ONE_HEAD)

test_attention_has_the_gradients_of_its_output = laws.gradients_equal_the_reference(HEADS.of(out_proj=True))


def cuts() -> st.SearchStrategy[list[int]]:
    """Draw how a text is cut: the lengths of up to four pieces."""
    return st.lists(sizes(1, 3), min_size=1, max_size=4).filter(lambda lengths: sum(lengths) <= 9)


@given(batch=sizes(1, 3), num_heads=st.sampled_from([1, 2, 4]), lengths=cuts(), spare=sizes(0, 2), seed=seeds())
def test_attention_in_pieces_equals_the_reference(
    learner: Port, reference: Port, batch: int, num_heads: int, lengths: list[int], spare: int, seed: int
) -> None:
    """However a text is cut, attention with a cache gives what it gives for the whole text, again after each reset."""
    tokens = sum(lengths)
    module, whole = (attention_of(port, tokens + spare, seed, num_heads) for port in (learner, reference))
    for text in range(2):
        x = vectors_of(batch + text, tokens, seed + text)
        module.call("reset_cache")
        expect_equal(in_pieces(module, x, lengths, WIDTH), whole(x), f"the output for pieces of {lengths}", dims=DIMS)


@given(batch=sizes(1, 3), layers=sizes(1, 2), lengths=cuts(), qkv_bias=st.booleans(), seed=seeds())
def test_a_model_in_pieces_equals_the_reference(
    learner: Port, reference: Port, batch: int, layers: int, lengths: list[int], qkv_bias: bool, seed: int
) -> None:
    """However a text is cut, a model with a cache gives the logits of the whole text, again after each reset."""
    changes = {"n_layers": layers, "qkv_bias": qkv_bias}
    model, whole = (gpt_of(port, seed, **changes) for port in (learner, reference))
    for text in range(2):
        ids = ids_of(batch + text, sum(lengths), seed + text)
        model.call("reset_kv_cache")
        got = in_pieces(model, ids, lengths, VOCAB)
        expect_equal(got, whole(ids), f"the logits for pieces of {lengths}", dims=DIMS)


@given(lengths=cuts(), seed=seeds())
def test_attention_keeps_calls_without_a_cache_apart(
    learner: Port, reference: Port, lengths: list[int], seed: int
) -> None:
    """Attention gives the same with a cache after a call without one, and without a cache after calls with one."""
    module, whole = (attention_of(port, 9, seed) for port in (learner, reference))
    x = vectors_of(2, sum(lengths), seed)
    module.call("reset_cache")
    module(x[:, :1])
    expect_equal(in_pieces(module, x, lengths, WIDTH), whole(x), f"the output for pieces of {lengths}", dims=DIMS)
    expect_equal(module(x), whole(x), "the output without a cache", dims=DIMS)


@given(lengths=cuts(), seed=seeds())
def test_a_model_keeps_calls_without_a_cache_apart(
    learner: Port, reference: Port, lengths: list[int], seed: int
) -> None:
    """A model gives the same with a cache after a call without one, and without a cache after calls with one."""
    model, whole = (gpt_of(port, seed) for port in (learner, reference))
    ids = ids_of(2, sum(lengths), seed)
    model.call("reset_kv_cache")
    model(ids[:, :1])
    expect_equal(in_pieces(model, ids, lengths, VOCAB), whole(ids), f"the logits for pieces of {lengths}", dims=DIMS)
    expect_equal(model(ids), whole(ids), "the logits without a cache", dims=DIMS)


@given(batch=sizes(1, 3), tokens=sizes(1, 6), layers=sizes(1, 3), qkv_bias=st.booleans(), seed=seeds())
def test_a_model_equals_the_reference_without_a_cache(
    learner: Port, reference: Port, batch: int, tokens: int, layers: int, qkv_bias: bool, seed: int
) -> None:
    """Without a cache, the model has the parameters and the logits of gpt_model, call after call."""
    cfg = config(n_layers=layers, qkv_bias=qkv_bias)
    expect_parameters(learner.build("GPTModel", cfg=cfg), gpt_shapes(cfg))
    model, right = (gpt_of(port, seed, n_layers=layers, qkv_bias=qkv_bias) for port in (learner, reference))
    for text in range(2):
        ids = ids_of(batch, tokens, seed + text)
        expect_equal(model(ids), right(ids), "the logits", dims=DIMS)


@given(lengths=cuts(), batch=sizes(1, 3))
def test_logits_in_pieces_are_on_the_models_device(learner: Port, lengths: list[int], batch: int) -> None:
    """However a text is cut, a model computes on the device that it was moved to."""
    expect_cached_logits_on_another_device(learner, ids_of(batch, sum(lengths), 1), lengths)


@given(lengths=cuts(), seed=seeds())
def test_models_take_turns(learner: Port, reference: Port, lengths: list[int], seed: int) -> None:
    """Two models that read their texts in turns both give what they give by themselves."""
    models = [gpt_of(learner, seed + number) for number in range(2)]
    texts = [ids_of(1 + number, sum(lengths), seed + number) for number in range(2)]
    for model in models:
        model.call("reset_kv_cache")
    pieces: list[list[torch.Tensor]] = [[], []]
    for start, length in zip(torch.tensor([0, *lengths]).cumsum(0).tolist(), lengths, strict=False):
        for model, text, outputs in zip(models, texts, pieces, strict=True):
            outputs.append(in_pieces(model, text[:, start : start + length], [length], VOCAB))
    for number, outputs in enumerate(pieces):
        expected = gpt_of(reference, seed + number)(texts[number])
        expect_equal(torch.cat(outputs, dim=1), expected, f"the logits of model {number}", dims=DIMS)


@given(batch=sizes(1, 3), tokens=sizes(1, 5), new=sizes(1, 6), use_cache=st.booleans(), seed=seeds())
def test_generated_texts_are_greedy(
    learner: Port, batch: int, tokens: int, new: int, use_cache: bool, seed: int
) -> None:
    """With and without the cache, texts are greedy, no gradients are kept, and nothing is fed twice with the cache."""
    model, prompt = model_of(learner, seed=seed), prompt_of(batch, tokens, seed)
    model(prompt_of(1, 2, seed), use_cache=True)
    got = learner.call("generate_text_simple_cached", model, prompt, new, use_cache=use_cache)
    expect_equal(got, greedy(prompt, new, 16, seed=seed), "the ids")
    passes = passes_of(model)[1:]
    flags = [(passed["use_cache"], passed["gradients"]) for passed in passes]
    expect_equal(flags, [(use_cache, False)] * len(flags), "use_cache and logits.requires_grad in each call")
    fed = sum(passed["ids"].shape[1] for passed in passes)
    if use_cache:
        right = fed in (tokens + new - 1, tokens + new)
        expect(
            right, got=f"{fed} tokens fed", expected=f"{tokens + new - 1}", where=f"{tokens} in the prompt, {new} new"
        )


@given(batch=sizes(1, 2), tokens=sizes(1, 4), new=sizes(1, 5), layers=sizes(1, 2), seed=seeds())
def test_generation_with_a_model_equals_the_reference(
    learner: Port, reference: Port, batch: int, tokens: int, new: int, layers: int, seed: int
) -> None:
    """With the learner's own model, the cache changes nothing about the text, whatever was generated before."""
    prompt = ids_of(batch, tokens, seed)
    model, right = (gpt_of(port, seed, n_layers=layers) for port in (learner, reference))
    expected = expect_ids(reference.call("generate_text_simple_cached", right, prompt, new, use_cache=False))
    for context_size in (None, 10):
        got = learner.call("generate_text_simple_cached", model, prompt, new, context_size)
        expect_equal(got, expected, "the ids")
