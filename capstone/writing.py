"""Writing: the learner's `generate` turns the model's opinion on the next token into a text, token by token."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

import numpy
import torch
from torch import Tensor, nn

from grader.study.capstone import PartFailed, Parts

PART, GENERATE = "generation", "generate"


def write(
    parts: Parts,
    model: nn.Module,
    begin: Sequence[int],
    count: int,
    most: int,
    context: int,
    temperature: float = 0.0,
    end: int | None = None,
    seed: int = 0,
    tell: Callable[[], None] = lambda: None,
) -> list[list[int]]:
    """Continue a beginning, several times side by side.

    Args:
        parts: the learner's modules.
        model: ids `(batch, tokens)` to logits.
        begin: the ids to continue.
        count: the number of texts.
        most: the number of tokens to add to each text.
        context: the number of tokens that the model can look back on.
        temperature: 0 takes the most likely token, 1 draws as the model believes, less is more careful.
        end: the token that ends a text.
        seed: draws the same texts again.
        tell: called before each pass through the model.

    Returns:
        The ids that were added, up to and including the token that ends a text.

    Raises:
        PartFailed: the learner's function failed, or returned something else.
    """
    device = next(model.parameters()).device
    rows = torch.tensor([list(begin)] * count, device=device)
    return [_up_to(end, row) for row in continued(parts, model, rows, most, context, temperature, seed, tell)]


def continued(
    parts: Parts,
    model: nn.Module,
    rows: Tensor,
    most: int,
    context: int,
    temperature: float = 0.0,
    seed: int = 0,
    tell: Callable[[], None] = lambda: None,
) -> list[list[int]]:
    """Continue several beginnings of the same length, ids `(texts, tokens)`, side by side.

    The other arguments and exceptions are those of `write`.

    Returns:
        The ids that were added, as many for each text.
    """
    generate = parts.take(PART, GENERATE)
    # A learner may draw from any of these.
    torch.manual_seed(seed)
    random.seed(seed)
    numpy.random.seed(seed % 2**32)
    model.eval()
    handle = model.register_forward_pre_hook(lambda *_: tell())
    try:
        with parts.running():
            written = generate(model, rows, most, context, temperature=temperature)
    finally:
        handle.remove()
    expected = (len(rows), rows.shape[1] + most)
    if not isinstance(written, torch.Tensor) or written.shape != expected:
        whose = "Your" if parts.by_exercise[PART].is_learners else "The stand-in's"
        got = tuple(written.shape) if isinstance(written, torch.Tensor) else type(written).__name__
        raise PartFailed(
            f"{whose} {GENERATE} returned {got} instead of ids of shape {expected}. Run: grader check {PART}"
        )
    added: list[list[int]] = written[:, rows.shape[1] :].tolist()
    return added


def _up_to(end: int | None, ids: list[int]) -> list[int]:
    return ids[: ids.index(end) + 1] if end in ids else ids
