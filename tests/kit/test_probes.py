"""Probes behave like what they replace: a tokenizer like tiktoken, a model with a cache like one without."""

from __future__ import annotations

import pytest
import torch

from grader.learner.probes import CachedLanguageModel, CharacterTokenizer, LanguageModel, optimizer


def test_a_character_tokenizer_is_as_strict_as_tiktoken() -> None:
    """It refuses a special token that isn't allowed, and decodes only lists of whole numbers."""
    tokenizer = CharacterTokenizer("<|>endoftx")
    special = {"allowed_special": {"<|endoftext|>"}}
    ids = tokenizer.encode("on<|endoftext|>", **special)
    assert ids == [6, 4, 10]
    assert tokenizer.decode(ids) == "on<|endoftext|>"
    assert tokenizer.encode("<|endoftext|>", allowed_special="all") == [10]
    assert len(tokenizer.encode("<|endoftext|>", disallowed_special=())) == 13
    with pytest.raises(ValueError, match="special token"):
        tokenizer.encode("<|endoftext|>")
    for wrong in ([ids], torch.tensor(ids)):
        with pytest.raises(TypeError):
            tokenizer.decode(wrong)  # type: ignore[arg-type]


def test_a_model_with_a_cache_continues_where_it_stopped() -> None:
    """However a text is cut into calls, the logits are those of one call without a cache."""
    model = CachedLanguageModel(vocab_size=5, emb_dim=3, context_length=8).double().eval()
    ids = torch.tensor([[0, 1, 2, 3, 4], [4, 0, 3, 1, 1]])
    whole = model(ids)
    for lengths in ([5], [3, 1, 1], [1, 4]):
        model.reset_kv_cache()
        parts = [model(part, use_cache=True) for part in ids.split(lengths, dim=1)]
        torch.testing.assert_close(torch.cat(parts, dim=1), whole)
    assert [(passed["use_cache"], passed["cached"]) for passed in model.record()[-2:]] == [(True, 0), (True, 1)]
    torch.testing.assert_close(model(ids), whole)


def test_an_optimizer_records_the_rate_of_each_group() -> None:
    """A rate that is changed between two steps shows in the record, for its own group."""
    model = LanguageModel(vocab_size=5, emb_dim=3, context_length=8)
    recorder = optimizer("SGD", model, groups=2, lr=0.5)
    assert [len(group["params"]) for group in recorder.param_groups] == [2, 1]
    recorder.step()
    recorder.param_groups[1]["lr"] = 0.25
    recorder.step()
    assert [step["rates"] for step in recorder.record()] == [[0.5, 0.5], [0.5, 0.25]]  # type: ignore[attr-defined]
