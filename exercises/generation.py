"""Generating text: ask the model for the next token, append it, and ask again.

Not in this exercise: beam search, a cache of keys and values, texts of different length in a batch.

Book: chapters 4.7, 5.1 and 5.3
"""

from typing import Any

import torch
from torch import Tensor, nn


def generate_text_simple(model: nn.Module, idx: Tensor, max_new_tokens: int, context_size: int) -> Tensor:
    """Return `idx` and the most likely tokens after it, `(batch, tokens + max_new_tokens)`, without gradients.

    Args:
        model: maps ids `(batch, tokens)` to logits `(batch, tokens, vocab)`.
        idx: the ids so far, int64 `(batch, tokens)`; it stays as it is.
        max_new_tokens: how many tokens to append, at least 1.
        context_size: the number of ids that the model can see: give it only the last ones.
    """
    raise NotImplementedError("Start with a loop in which the model reads the last ids and returns logits, without gradients.")


def softmax_with_temperature(logits: Tensor, temperature: float) -> Tensor:
    """Turn logits `(vocab,)` into probabilities `(vocab,)`, flatter with a temperature above 1, sharper below 1."""
    raise NotImplementedError("Start with the scaled logits.")


def generate(
    model: nn.Module,
    idx: Tensor,
    max_new_tokens: int,
    context_size: int,
    temperature: float = 0.0,
    top_k: int | None = None,
    eos_id: int | None = None,
) -> Tensor:
    """Append up to `max_new_tokens` tokens, the most likely ones or drawn by chance, without gradients.

    Args:
        model: maps ids `(batch, tokens)` to logits `(batch, tokens, vocab)`.
        idx: the ids so far, int64 `(batch, tokens)`; it stays as it is.
        max_new_tokens: how many tokens to append at most, at least 1.
        context_size: the number of ids that the model can see: give it only the last ones.
        temperature: with 0, take the most likely token; otherwise, draw one for each row of the batch from
            `softmax(logits / temperature)`.
        top_k: if given, only the `top_k` largest logits take part.
        eos_id: if given, stop when this token comes next, without appending it.

    Returns:
        `(batch, tokens + new tokens)`, starting with `idx`. `top_k` and `eos_id` need to work only for a batch of one.
    """
    raise NotImplementedError("Copy your loop from above, and put what is new between the logits and the next token.")


def text_to_token_ids(text: str, tokenizer: Any) -> Tensor:
    """Return the ids of a text as int64 `(1, tokens)`; `<|endoftext|>` in it becomes its own token."""
    raise NotImplementedError("Start with the tokenizer's `encode`, which takes a set of special tokens that are allowed.")


def token_ids_to_text(token_ids: Tensor, tokenizer: Any) -> str:
    """Return the text of ids `(1, tokens)`."""
    raise NotImplementedError("Start by removing the batch dimension: `decode` takes a plain list of ids.")


def generate_and_print_sample(model: nn.Module, tokenizer: Any, device: torch.device | str, start_context: str) -> None:
    """Print `start_context` and 50 more tokens in one line, each the most likely one.

    The text is written in eval mode, and the model is in training mode afterward. `model.pos_emb.weight` has a row for
    each position that the model can see. A line break in the text is printed as a space.
    """
    raise NotImplementedError("Start with the model's mode, and with how many positions it can see.")
