"""Hidden checks of `generation`: drawn models, prompts and settings, compared with the reference."""

from typing import Any

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.checks import Port, expect, expect_equal, expect_number, seeds, sizes, values
from tests.visible.generating import (
    ALPHABET,
    DRAWS,
    chain,
    counts_of,
    expect_no_more_than,
    expect_shares,
    expected_sample,
    model_of,
    passes_of,
    prompt_of,
    sample_model,
    sample_of,
    table_model,
)

CUTS = st.sampled_from([{"temperature": 1.5, "top_k": 1}, {"top_k": 2}, {"temperature": 1e-4}, {"temperature": 0.0}])
"""Settings with which nothing is left to chance."""


@given(
    name=st.sampled_from(["generate_text_simple", "generate"]),
    batch=sizes(1, 3),
    tokens=sizes(1, 6),
    new=sizes(1, 8),
    context_size=sizes(1, 12),
    seed=seeds(),
)
def test_greedy_texts_equal_the_reference(
    learner: Port, reference: Port, name: str, batch: int, tokens: int, new: int, context_size: int, seed: int
) -> None:
    """Without temperature, both functions generate the same texts, for every batch, prompt and context size."""
    prompt, model = prompt_of(batch, tokens, seed), model_of(learner, seed=seed)
    kept = learner.put(prompt)
    got = learner.call(name, model, kept, new, context_size)
    expect_equal(got, reference.call(name, model_of(reference, seed=seed), prompt, new, context_size), "the ids")
    expect_no_more_than(model, context_size)
    graphs = [passed["gradients"] for passed in passes_of(model)]
    expect_equal(graphs, [False] * len(graphs), "logits.requires_grad in each forward pass")
    expect_equal(kept.value(), prompt, f"the prompt after `{name}`")


@given(tokens=sizes(1, 4), new=sizes(1, 12), options=CUTS, end=st.none() | st.integers(0, 8), seed=seeds())
def test_texts_without_chance_equal_the_reference(
    learner: Port, reference: Port, tokens: int, new: int, options: dict[str, Any], end: int | None, seed: int
) -> None:
    """If only one token is left to choose, the text is the greedy one, up to the end token if there is one."""
    prompt = prompt_of(1, tokens, seed)
    got, expected = (
        port.call("generate", model_of(port, seed=seed), prompt, new, 16, eos_id=end, **options)
        for port in (learner, reference)
    )
    expect_equal(got, expected, "the ids")


@given(tokens=sizes(1, 4), end=sizes(0, 4))
def test_every_end_token_ends_the_text(learner: Port, tokens: int, end: int) -> None:
    """Whatever the end token's id, and wherever the prompt begins, the text ends before the first new end token."""
    prompt = torch.arange(tokens)[None]
    new = (end - tokens) % 5
    expected = torch.arange(tokens + new)[None] % 5
    got = learner.call("generate", table_model(learner, chain(5)), prompt, 8, 8, eos_id=end)
    expect_equal(got, expected, "the ids")


@settings(max_examples=4)
@given(vocab=sizes(2, 3), end=sizes(0, 1))
def test_a_drawn_end_token_ends_the_text(learner: Port, vocab: int, end: int) -> None:
    """The first end token that is drawn ends the text, so that long texts become very unlikely."""
    model = table_model(learner, torch.zeros(vocab, vocab))
    text = learner.keep("generate", model, torch.tensor([[1]]), 120, 8, temperature=1.0, eos_id=end)
    new = expect_number(text.keep("ge", 0).keep("double").call("sum", 1)) - 1
    expect(new < 35, got=f"{new:.0f} new tokens", expected="fewer than 35", where=f"{vocab} tokens, all equally likely")


@settings(max_examples=4)
@given(vocab=sizes(2, 4), temperature=st.sampled_from([0.5, 1.0, 6.0]), seed=seeds())
def test_rows_share_out_the_probabilities(learner: Port, vocab: int, temperature: float, seed: int) -> None:
    """Over the rows of a large batch, tokens come with the probabilities of the softmax."""
    logits = values(vocab, seed=seed, scale=3.0)
    counts = counts_of(learner, logits.tolist(), rows=4 * DRAWS, new=1, temperature=temperature)
    expected = (logits / temperature).softmax(dim=0).tolist()
    expect_shares(counts, expected, f"a batch of {4 * DRAWS} rows, logits {logits.tolist()}, temperature {temperature}")


@settings(max_examples=4)
@given(
    vocab=sizes(6, 9),
    top_k=st.sampled_from([None, 2, 3]),
    temperature=st.sampled_from([60.0, 1.0, 0.1]),
    seed=seeds(),
)
def test_shares_fit_temperature_and_top_k(
    learner: Port, vocab: int, top_k: int | None, temperature: float, seed: int
) -> None:
    """Whatever the logits, `temperature` and `top_k`, tokens are drawn with the probabilities of the softmax."""
    logits = 3 * torch.randperm(vocab, generator=torch.Generator().manual_seed(seed)).double()
    cut = logits if top_k is None else logits.masked_fill(logits < 3 * (vocab - top_k), -torch.inf)
    expected = (cut / temperature).softmax(dim=0).tolist()
    counts = counts_of(learner, logits.tolist(), temperature=temperature, top_k=top_k)
    expect_shares(counts, expected, f"logits {logits.tolist()}, temperature {temperature}, top_k={top_k}")


@settings(max_examples=3)
@given(vocab=sizes(2, 5), temperature=st.sampled_from([0.5, 2.0]))
def test_texts_by_chance_differ(learner: Port, vocab: int, temperature: float) -> None:
    """Two texts of 40 tokens that are all equally likely differ, unless the caller sets the seed."""
    model = table_model(learner, torch.zeros(vocab, vocab))
    first, second = (
        learner.keep("generate", model, torch.tensor([[0]]), 40, 8, temperature=temperature) for _ in range(2)
    )
    expect_equal(first.call("equal", second), False, "the second text equals the first")


@given(vocab=sizes(1, 8), tenths=sizes(2, 200), seed=seeds())
def test_probabilities_equal_the_reference(learner: Port, reference: Port, vocab: int, tenths: int, seed: int) -> None:
    """`softmax_with_temperature` gives the right probabilities at every temperature."""
    logits = values(vocab, seed=seed, scale=2.0)
    got, expected = (port.call("softmax_with_temperature", logits, tenths / 10) for port in (learner, reference))
    expect_equal(got, expected, "the probabilities", dims=("token",))


@given(pieces=st.lists(st.sampled_from("123") | st.just("<|endoftext|>"), min_size=1, max_size=6))
def test_text_comes_back_from_its_ids(learner: Port, reference: Port, pieces: list[str]) -> None:
    """Text becomes the right ids, special tokens included, and the ids become the text again."""
    text = "".join(pieces)
    ids, expected = (
        port.call("text_to_token_ids", text, port.probe("CharacterTokenizer", alphabet=ALPHABET))
        for port in (learner, reference)
    )
    expect_equal(ids, expected, "the ids")
    tokenizer = learner.probe("CharacterTokenizer", alphabet=ALPHABET)
    expect_equal(learner.call("token_ids_to_text", expected, tokenizer), text, "the text")


@given(
    start=st.text(ALPHABET, min_size=1, max_size=8),
    broken=st.sampled_from(ALPHABET),
    context_length=sizes(1, 20),
    training=st.booleans(),
)
@settings(max_examples=8)
def test_the_sample_is_the_greedy_text(
    learner: Port, start: str, broken: str, context_length: int, training: bool
) -> None:
    """The sample is the greedy text of every start context, in one line, for models of every length."""
    model = sample_model(learner, context_length)
    model = model if training else model.eval()
    printed = sample_of(learner, model, start.replace(broken, "\n"), ALPHABET.replace(broken, "\n"))
    expect_equal(printed, expected_sample(context_length, start).replace(broken, " ").strip(), "the sample")
    modes = [passed["training"] for passed in passes_of(model)]
    expect_equal(modes, [False] * len(modes), "model.training in each forward pass")
    expect_equal(model.call("is_training"), True, "model.training after the sample")
