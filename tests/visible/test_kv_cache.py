"""Visible checks of `kv_cache`: whatever comes in pieces, with a cache, has to come out as in one piece without."""

from typing import Any

import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from grader.checks import Golden, Port, expect, expect_equal, expect_parameters, expect_same, laws, seeds, sizes
from tests.visible import attention, generating
from tests.visible.attention import HEADS
from tests.visible.caching import (
    DIMS,
    EVERY_ATT,
    VOCAB,
    WIDTH,
    afresh,
    attention_of,
    config,
    expect_cached_logits_on_another_device,
    gpt_of,
    gpt_shapes,
    ids_of,
    in_pieces,
    plainly,
    vectors_of,
)
from tests.visible.generating import expect_ids, greedy, model_of, passes_of, prompt_of

GENERATE = "generate_text_simple_cached"

test_attention_has_the_parameters_of_multi_head_attention = laws.parameters_are_exactly_these(
    HEADS.of(tokens=4, d_in=6, dropout=0.1, out_proj=True),
    title="The parameters of the attention are those of the exercise multi_head_attention.",
    hint="What is remembered between calls isn't trained: it's a buffer or a plain attribute.",
)


@given(batch=sizes(1, 2), tokens=sizes(1, 4), seed=seeds())
def test_attention_without_a_cache_is_as_before(learner: Port, batch: int, tokens: int, seed: int) -> None:
    """Without a cache, the attention gives what it gives in the exercise multi_head_attention."""
    x, drawn = vectors_of(batch, tokens, seed), attention.draw(3, WIDTH, seed, num_heads=2)
    heads = [(x @ drawn[f"{name}.weight"].mT).unflatten(2, (2, -1)).transpose(1, 2) for name in attention.PROJECTIONS]
    context = F.scaled_dot_product_attention(*heads, is_causal=True).transpose(1, 2).flatten(2)
    expected = context @ drawn["out_proj.weight"].mT + drawn["out_proj.bias"]
    got = attention.build(learner, drawn, 8, num_heads=2)(x)
    expect_equal(got, expected, "the output without a cache", dims=DIMS)


@given(tokens=sizes(1, 4), seed=seeds())
def test_a_first_piece_is_like_a_whole_text(learner: Port, tokens: int, seed: int) -> None:
    """The first call with a cache gives what a call without one gives: later tokens stay hidden.

    Is the mask also applied if there is a cache?
    """
    module, x = attention_of(learner, seed=seed), vectors_of(2, tokens, seed)
    expected = plainly(module, x, WIDTH)
    module.call("reset_cache")
    what = "the output of the first piece, compared with a call without a cache,"
    expect_same(in_pieces(module, x, [tokens], WIDTH), expected, what, dims=DIMS)


@given(seed=seeds())
def test_attention_remembers_nothing_without_a_cache(learner: Port, seed: int) -> None:
    """A call without use_cache neither uses nor changes what the attention remembers."""
    module, x = attention_of(learner, seed=seed), vectors_of(1, 4, seed)
    expected = plainly(module, x, WIDTH)
    module.call("reset_cache")
    expect_same(module(x), expected, "the output of a second call without a cache", dims=DIMS)
    module(x[:, :2])
    got = in_pieces(module, x, [4], WIDTH)
    expect_same(got, expected, "the output with a cache, after a call without one", dims=DIMS)
    expect_same(module(x), expected, "the output without a cache, after a call with one", dims=DIMS)


@given(first=sizes(1, 3), more=sizes(1, 3), seed=seeds())
def test_one_more_token_attends_to_all_before_it(learner: Port, first: int, more: int, seed: int) -> None:
    """A single token attends to all tokens in the cache and to itself, as the last token of the whole text does.

    Its row of scores has a column for each token so far. Are keys and values both remembered, along the dimension of
    the tokens?
    """
    module, x = attention_of(learner, seed=seed), vectors_of(1, first + more, seed)
    expected = plainly(module, x, WIDTH)
    module.call("reset_cache")
    got = in_pieces(module, x, [first, *[1] * more], WIDTH)
    what = "the output of the later tokens, one by one, compared with the whole text,"
    expect_same(got[:, first:], expected[:, first:], what, dims=DIMS)


@given(first=sizes(1, 3), second=sizes(2, 3), seed=seeds())
def test_several_more_tokens_stay_causal(learner: Port, first: int, second: int, seed: int) -> None:
    """In a later piece of several tokens, each attends to all tokens in the cache, but not to those after itself.

    The piece's first row of the mask belongs to the position after the cache. Which rows and columns do you need?
    """
    module, x = attention_of(learner, seed=seed), vectors_of(1, first + second, seed)
    expected = plainly(module, x, WIDTH)
    module.call("reset_cache")
    got = in_pieces(module, x, [first, second], WIDTH)
    where = f"the output of {second} tokens after {first} in the cache, compared with the whole text,"
    expect_same(got[:, first:], expected[:, first:], where, dims=DIMS)


@given(batch=sizes(1, 2), seed=seeds())
def test_reset_cache_forgets(learner: Port, batch: int, seed: int) -> None:
    """After `reset_cache`, a new text gives what it gives by itself, in a batch of any size.

    Keys, values and, if you count positions, the counter: all of it has to start over.
    """
    module, x = attention_of(learner, seed=seed), vectors_of(batch, 4, seed)
    expected = afresh(attention_of(learner, seed=seed), "reset_cache", x, [3, 1], WIDTH)
    module.call("reset_cache")
    in_pieces(module, vectors_of(2, 3, seed + 1), [2, 1], WIDTH)
    module.call("reset_cache")
    expect_same(in_pieces(module, x, [3, 1], WIDTH), expected, "the output of the next text", dims=DIMS)


@given(seed=seeds())
def test_texts_of_a_batch_have_their_own_cache(learner: Port, seed: int) -> None:
    """Each text of a batch attends to its own tokens in the cache, and to no other text's."""
    module, x = attention_of(learner, seed=seed), vectors_of(3, 4, seed)
    module.call("reset_cache")
    together = in_pieces(module, x, [2, 1, 1], WIDTH)
    for text in range(3):
        module.call("reset_cache")
        got = together[text : text + 1]
        expected = in_pieces(module, x[text : text + 1], [2, 1, 1], WIDTH)
        expect_same(got, expected, f"the output of text {text} in a batch of 3", dims=DIMS)


@given(seed=seeds())
def test_two_attentions_share_nothing(learner: Port, seed: int) -> None:
    """Each attention has its own cache: what another one reads in between makes no difference."""
    module, other, x = attention_of(learner, seed=seed), attention_of(learner, seed=seed + 1), vectors_of(1, 4, seed)
    expected = afresh(attention_of(learner, seed=seed), "reset_cache", x, [2, 1, 1], WIDTH)
    module.call("reset_cache")
    other.call("reset_cache")
    first = in_pieces(module, x[:, :2], [2], WIDTH)
    in_pieces(other, vectors_of(1, 3, seed + 2), [3], WIDTH)
    got = torch.cat([first, in_pieces(module, x[:, 2:], [1, 1], WIDTH)], dim=1)
    expect_same(got, expected, "the output, with a call of another attention in between", dims=DIMS)


def test_the_model_has_the_parameters_of_gpt_model(learner: Port) -> None:
    """The parameters of the model are those of the exercise gpt_model; a cache adds none."""
    cfg = config(n_layers=1)
    expect_parameters(learner.build("GPTModel", cfg=cfg), gpt_shapes(cfg))


def test_the_recorded_logits_come_out(learner: Port, golden: Golden) -> None:
    """Without a cache, a model with two blocks gives the logits that a correct solution gives."""
    golden.expect("logits", gpt_of(learner, seed=3)(ids_of(2, 4, 3)), "the logits", dims=("batch", "token", "id"))


@given(first=sizes(1, 3), more=sizes(1, 3), seed=seeds())
def test_positions_go_on_after_the_cache(learner: Port, first: int, more: int, seed: int) -> None:
    """With a cache, positions go on where the last call stopped: after 3 tokens, the next one is at position 3.

    In this check, attention adds nothing, so only `pos_emb` can tell where a token is.
    """
    model, ids = gpt_of(learner, seed, EVERY_ATT), ids_of(1, first + more, seed)
    expected = plainly(model, ids, VOCAB)
    model.call("reset_kv_cache")
    what = f"the logits of pieces of {[first, more]}, compared with the whole text,"
    expect_same(in_pieces(model, ids, [first, more], VOCAB), expected, what, dims=DIMS)


@given(lengths=st.sampled_from([[3], [2, 1], [1, 1, 1], [2, 2], [1, 3]]), seed=seeds())
def test_a_text_in_pieces_is_like_a_whole_text(learner: Port, lengths: list[int], seed: int) -> None:
    """However a text is cut into calls with a cache, its logits are those of one call without a cache.

    Does each block hand use_cache on, and does it remember its own keys and values?
    """
    model, ids = gpt_of(learner, seed), ids_of(2, sum(lengths), seed)
    expected = plainly(model, ids, VOCAB)
    model.call("reset_kv_cache")
    what = f"the logits of pieces of {lengths}, compared with the whole text,"
    expect_same(in_pieces(model, ids, lengths, VOCAB), expected, what, dims=DIMS)


@given(seed=seeds())
def test_the_model_remembers_nothing_without_a_cache(learner: Port, seed: int) -> None:
    """A call of the model without use_cache neither uses nor changes what it remembers, positions included."""
    model, ids = gpt_of(learner, seed), ids_of(1, 4, seed)
    expected = plainly(model, ids, VOCAB)
    model.call("reset_kv_cache")
    expect_same(model(ids), expected, "the logits of a second call without a cache", dims=DIMS)
    got = in_pieces(model, ids, [4], VOCAB)
    expect_same(got, expected, "the logits with a cache, after calls without one", dims=DIMS)
    expect_same(model(ids), expected, "the logits without a cache, after a call with one", dims=DIMS)


@given(layers=sizes(1, 3), seed=seeds())
def test_reset_kv_cache_empties_every_block(learner: Port, layers: int, seed: int) -> None:
    """`reset_kv_cache` empties the cache of every block.

    In this check, `pos_emb` is 0, so only the blocks can still know about the text before.
    """
    model, ids = gpt_of(learner, seed, ["pos_emb"], n_layers=layers), ids_of(2, 3, seed)
    fresh = gpt_of(learner, seed, ["pos_emb"], n_layers=layers)
    expected = afresh(fresh, "reset_kv_cache", ids, [2, 1], VOCAB)
    model.call("reset_kv_cache")
    in_pieces(model, ids_of(2, 4, seed + 1), [3, 1], VOCAB)
    model.call("reset_kv_cache")
    expect_same(in_pieces(model, ids, [2, 1], VOCAB), expected, "the logits of the next text", dims=DIMS)


@given(seed=seeds())
def test_reset_kv_cache_starts_at_the_first_position(learner: Port, seed: int) -> None:
    """After `reset_kv_cache`, the next token is at position 0 again.

    In this check, attention adds nothing, so only `pos_emb` can tell where a token is.
    """
    model, ids = gpt_of(learner, seed, EVERY_ATT), ids_of(1, 3, seed)
    expected = afresh(gpt_of(learner, seed, EVERY_ATT), "reset_kv_cache", ids, [2, 1], VOCAB)
    model.call("reset_kv_cache")
    in_pieces(model, ids, [2, 1], VOCAB)
    model.call("reset_kv_cache")
    expect_same(in_pieces(model, ids, [2, 1], VOCAB), expected, "the logits of the next text", dims=DIMS)


@given(seed=seeds())
def test_two_models_share_nothing(learner: Port, seed: int) -> None:
    """Each model has its own cache and its own positions: what another one reads in between makes no difference."""
    model, other, ids = gpt_of(learner, seed), gpt_of(learner, seed + 1), ids_of(1, 4, seed)
    expected = afresh(gpt_of(learner, seed), "reset_kv_cache", ids, [2, 1, 1], VOCAB)
    model.call("reset_kv_cache")
    other.call("reset_kv_cache")
    first = in_pieces(model, ids[:, :2], [2], VOCAB)
    in_pieces(other, ids_of(1, 3, seed + 2), [3], VOCAB)
    got = torch.cat([first, in_pieces(model, ids[:, 2:], [1, 1], VOCAB)], dim=1)
    expect_same(got, expected, "the logits, with a call of another model in between", dims=DIMS)


def test_the_logits_are_on_the_models_device(learner: Port) -> None:
    """A model that is moved to another device, as to a GPU with `.to("cuda")`, computes and remembers there.

    The mask and the positions have to be on that device, too: a buffer moves with the model, and a tensor that you
    create in `forward` needs `device=…`.
    """
    expect_cached_logits_on_another_device(learner, ids_of(1, 3, 1), [2, 1])


test_generation_returns_the_prompt_and_the_new_tokens = generating.the_prompt_comes_first(GENERATE)


def test_generation_feeds_each_token_once(learner: Port) -> None:
    """With a cache, the model gets the prompt once, and then only one new token a step.

    Whatever it has read, it remembers. If you feed it again, it's in the cache twice.
    """
    model, prompt = model_of(learner), prompt_of(2, 3, 5)
    ids = expect_ids(learner.call(GENERATE, model, prompt, 4))
    passes = passes_of(model)
    fed = torch.cat([passed["ids"] for passed in passes], dim=1)
    lengths = [passed["ids"].shape[1] for passed in passes]
    right = sum(lengths) in (6, 7) and all(length == 1 for length in lengths[-3:])
    expect(right, got=f"calls with {lengths} tokens", expected="calls with [3, 1, 1, 1] tokens: 3 in the prompt, 4 new")
    what = "the ids that the model got, in order, compared with the text that came out,"
    expect_same(fed, ids[:, : fed.shape[1]], what)
    cached = [passed["use_cache"] for passed in passes]
    expect(all(cached), got=f"use_cache was {cached}", expected="True in each call")


@given(batch=sizes(1, 2), tokens=sizes(1, 4), options=st.sampled_from([{}, {"context_size": 12}]), seed=seeds())
def test_generation_is_greedy(learner: Port, batch: int, tokens: int, options: dict[str, Any], seed: int) -> None:
    """With a cache, the text is the one that `generate_text_simple` generates.

    The last position tells what comes next. Without a context_size, `pos_emb` tells how much the model can see.
    """
    prompt = prompt_of(batch, tokens, seed)
    got = learner.call(GENERATE, model_of(learner, seed=seed), prompt, 5, **options)
    expect_equal(got, greedy(prompt, 5, 16, seed=seed), "the ids")


def test_generation_begins_with_an_empty_cache(learner: Port) -> None:
    """Each generation begins with an empty cache: nothing of an earlier text is left."""
    model, prompt = model_of(learner), prompt_of(1, 3, 1)
    model(prompt_of(1, 2, 2), use_cache=True)
    learner.keep(GENERATE, model, prompt, 2)
    earlier = passes_of(model)[1:]
    expect(bool(earlier), got="no call of the model", expected="a call for each new token")
    cached = earlier[0]["cached"]
    expect(cached == 0, got=f"{cached} tokens in the cache at the first call", expected="none")


def test_generation_works_without_the_cache(learner: Port) -> None:
    """With use_cache=False, the text is the same, and the model gets all of it at each step, without the cache."""
    model, prompt = model_of(learner), prompt_of(2, 3, 4)
    got = learner.call(GENERATE, model, prompt, 4, use_cache=False)
    passes = passes_of(model)
    cached = [passed["use_cache"] for passed in passes]
    expect(not any(cached), got=f"use_cache was {cached}", expected="False in each call")
    expect_equal(got, greedy(prompt, 4, 16), "the ids")


test_generation_runs_without_gradients = generating.gradients_are_off(GENERATE)


@given(batch=sizes(1, 2), tokens=sizes(1, 3), seed=seeds())
def test_your_model_generates_the_same_with_and_without_cache(
    learner: Port, batch: int, tokens: int, seed: int
) -> None:
    """With your own model, too, generation gives the same text with the cache as without, again and again."""
    model, prompt = gpt_of(learner, seed), ids_of(batch, tokens, seed)
    expected = expect_ids(learner.call(GENERATE, model, prompt, 5, use_cache=False))
    for _ in range(2):
        what = "the ids with the cache, compared with no cache,"
        expect_same(learner.call(GENERATE, model, prompt, 5), expected, what)
