"""What the checks of `generation` and `kv_cache` share: models that generate, twins on this side, and laws."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from grader.checks import (
    Handle,
    Port,
    expect,
    expect_any_tensor,
    expect_equal,
    expect_items,
    expect_tensor,
    law,
    seeds,
    sizes,
)
from grader.learner.probes import CachedLanguageModel
from grader.wire.plain import Plain

DRAWS = 60
"""How many tokens are drawn to measure shares."""
MARGIN = 0.29
"""How far the share of one token in `DRAWS` draws may be off: at least 4.4 standard deviations."""

ALPHABET = "0123456789,;:!?()"
"""With digits in it, because only numbers in a printed line help to name a mistake."""
START = "(4,2)"
"""The start of a sample."""

INT64 = torch.int64

IMPOSSIBLE = 1e-6
"""A token with a smaller probability never comes."""


def options_of(vocab_size: int = 9, context_length: int = 16, seed: int = 0) -> dict[str, Any]:
    """Return the arguments of a small model; it gives the same logits in both modes, and records the mode."""
    return {"vocab_size": vocab_size, "emb_dim": 6, "context_length": context_length, "tilt": 0.0, "seed": seed}


def model_of(port: Port, **options: Any) -> Handle:
    """Create a model, in eval mode, whose logits depend on all ids that it sees, and on their positions."""
    return port.probe("CachedLanguageModel", **options_of(**options)).double().eval()


def prompt_of(batch: int, tokens: int, seed: int, vocab_size: int = 9) -> torch.Tensor:
    """Draw the beginnings of texts, `(batch, tokens)`."""
    return torch.randint(vocab_size, (batch, tokens), generator=torch.Generator().manual_seed(seed))


def greedy(idx: torch.Tensor, max_new_tokens: int, context_size: int, **options: Any) -> torch.Tensor:
    """Generate on this side, with a twin of the model of `model_of`."""
    twin = CachedLanguageModel(**options_of(**options)).double().eval()
    for _ in range(max_new_tokens):
        following = twin(idx[:, -context_size:])[:, -1].argmax(dim=-1, keepdim=True)
        idx = torch.cat([idx, following], dim=1)
    return idx


def table_model(port: Port, table: torch.Tensor, context_length: int = 8) -> Handle:
    """Create a model, in eval mode, that looks up the logits after a token in its row of a table, `(vocab, vocab)`."""
    vocab = len(table)
    weights = {
        "tok_emb.weight": 20 * torch.eye(vocab, dtype=torch.float64),
        "pos_emb.weight": torch.zeros(context_length, vocab, dtype=torch.float64),
        "out_head.weight": table.T.double(),
    }
    model = port.probe("LanguageModel", vocab_size=vocab, emb_dim=vocab, context_length=context_length, tilt=0.0)
    return model.double().eval().set_parameters(weights)


def chain(vocab: int) -> torch.Tensor:
    """Return a table in which each token is followed by the next one, and the last by the first."""
    return 2 * torch.eye(vocab, dtype=torch.float64).roll(1, dims=1)


def counts_of(port: Port, logits: Sequence[float], rows: int = 1, new: int = DRAWS, **options: Any) -> torch.Tensor:
    """Have `generate` draw from the same logits in each row; return how often each token came, `(vocab,)`.

    Counts are numbers with a distribution, which names a mistake, and the ids themselves are not.
    """
    vocab = len(logits)
    model = table_model(port, torch.tensor(logits, dtype=torch.float64).expand(vocab, -1))
    ids = port.keep("generate", model, torch.zeros(rows, 1, dtype=INT64), new, 1, **options)
    got = ids.keep("flatten").keep("bincount", None, vocab).call("double")
    counts = expect_tensor(got, (vocab,), torch.float64, "the number of times that each token comes")
    counts[0] -= rows  # the prompts
    drawn = round(counts.sum().item())
    expect(drawn == rows * new, got=f"{drawn} new tokens", expected=f"{rows * new} new tokens")
    return counts


def expect_shares(counts: torch.Tensor, expected: Sequence[float], where: str) -> None:
    """Fail unless each token was drawn about as often as expected, and never if that is impossible."""
    draws = round(counts.sum().item())
    for token, (share, right) in enumerate(zip((counts / draws).tolist(), expected, strict=True)):
        margin = MARGIN * (DRAWS / draws) ** 0.5 if right > IMPOSSIBLE else 0.0
        expect(
            abs(share - right) <= margin + IMPOSSIBLE,
            got=f"token {token} in {share:.0%} of {draws} draws",
            expected=f"about {right:.0%}" if margin else "never",
            where=where,
        )


def expect_ids(got: Plain) -> torch.Tensor:
    """Fail unless ids came, `(batch, tokens)`; return them."""
    ids = expect_any_tensor(got, "the ids")
    right = ids.dim() == 2 and ids.dtype is INT64
    expect(right, got=f"shape {tuple(ids.shape)}, {ids.dtype}", expected="int64 ids of shape (batch, tokens)")
    return ids


def passes_of(model: Handle) -> list[dict[str, Any]]:
    """Return a record of each of the model's forward passes."""
    passes: list[dict[str, Any]] = expect_items(model.call("record"), dict, "the record")
    expect(bool(passes), got="no call of the model", expected="a call for each new token")
    return passes


def expect_no_more_than(model: Handle, context_size: int) -> None:
    """Fail if the model got more ids in one call than it can see."""
    longest = max(passed["ids"].shape[1] for passed in passes_of(model))
    expect(
        longest <= context_size,
        got=f"the model was given {longest} ids",
        expected=f"at most {context_size}, the context size",
    )


@law(batch=sizes(1, 3), tokens=sizes(1, 4), new=sizes(1, 4), seed=seeds())
def the_prompt_comes_first(name: str, learner: Port, batch: int, tokens: int, new: int, seed: int) -> None:
    """The result has the prompt's tokens first, then the new ones: (batch, tokens + max_new_tokens).

    Append each new token to the ids along the dimension of the tokens, and return all of them.
    """
    prompt = prompt_of(batch, tokens, seed)
    ids = expect_ids(learner.call(name, model_of(learner), prompt, new, 16))
    expected = (batch, tokens + new)
    expect(ids.shape == expected, got=f"shape {tuple(ids.shape)}", expected=f"shape {expected}")
    expect_equal(ids[:, :tokens], prompt, "the first tokens of the result")


@law(batch=sizes(1, 2), tokens=sizes(1, 3), new=sizes(1, 5), seed=seeds())
def the_likeliest_token_follows(name: str, learner: Port, batch: int, tokens: int, new: int, seed: int) -> None:
    """Each new token is the one with the largest logit after the text so far, in each row of the batch.

    The logits of the last position tell what comes after the last token. And is anything left to chance?
    """
    table = torch.randn(9, 9, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    expected = prompt_of(batch, tokens, seed)
    model = table_model(learner, table)
    got = learner.call(name, model, expected, new, 8)
    for _ in range(new):
        expected = torch.cat([expected, table.argmax(dim=1)[expected[:, -1:]]], dim=1)
    expect_equal(got, expected, "the ids")


@law(batch=sizes(1, 2), tokens=sizes(1, 5), context_size=sizes(1, 4), seed=seeds())
def the_model_sees_the_last_ids(
    name: str, learner: Port, batch: int, tokens: int, context_size: int, seed: int
) -> None:
    """The model sees the last context_size ids of the text so far, and never more.

    Which end of the text do you cut off, and do you cut again after each new token?
    """
    model, prompt = model_of(learner, seed=seed), prompt_of(batch, tokens, seed)
    got = learner.call(name, model, prompt, 4, context_size)
    expect_no_more_than(model, context_size)
    expect_equal(got, greedy(prompt, 4, context_size, seed=seed), "the ids")


@law()
def gradients_are_off(name: str, learner: Port) -> None:
    """The model is called without gradients: nobody trains here, and graphs cost memory.

    Eval mode doesn't turn gradients off.
    """
    model = model_of(learner)
    learner.keep(name, model, prompt_of(1, 2, 0), 3, 16)
    graphs = [passed["gradients"] for passed in passes_of(model)]
    expect(not any(graphs), got=f"logits.requires_grad was {graphs}", expected="False in each forward pass")


def expect_gradients_on(port: Port, when: str) -> None:
    """Fail if a model is called without gradients now: whoever trains next would learn nothing."""
    model = model_of(port)
    model.keep("__call__", prompt_of(1, 2, 0))
    graphs = [passed["gradients"] for passed in passes_of(model)]
    expect(all(graphs), got="gradients are off", expected="on, as before", where=when)


def sample_model(port: Port, context_length: int = 16) -> Handle:
    """Create a model, in training mode, that writes with the characters of `ALPHABET`."""
    return model_of(port, vocab_size=len(ALPHABET), context_length=context_length).train()


def sample_of(port: Port, model: Handle, start: str = START, alphabet: str = ALPHABET) -> str:
    """Return the one line that `generate_and_print_sample` is expected to print, without white space at its ends."""
    tokenizer = port.probe("CharacterTokenizer", alphabet=alphabet)
    return port.printed("generate_and_print_sample", model, tokenizer, port.probe("device"), start).strip()


def expected_sample(context_length: int, start: str = START) -> str:
    """Return the text that `sample_model` writes."""
    ids = torch.tensor([[ALPHABET.index(character) for character in start]])
    written = greedy(ids, 50, context_length, vocab_size=len(ALPHABET), context_length=context_length)
    return "".join(ALPHABET[i] for i in written[0].tolist())
