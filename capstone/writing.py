"""Writing: the model's opinion on the next token, turned into a text token by token."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import nn


def write(
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
    """Go on from a beginning, several times side by side.

    Args:
        model: ids `(batch, tokens)` to logits.
        begin: the ids to go on from.
        count: how many texts.
        most: tokens that a text may get.
        context: tokens that the model can look back on.
        temperature: 0 takes the likeliest token, 1 draws as the model believes, less is more careful.
        end: the token that ends a text.
        seed: draws the same texts again.
        tell: called before each token.

    Returns:
        The ids that were added, the ending token included.
    """
    device = next(model.parameters()).device
    generator = torch.Generator().manual_seed(seed)
    texts: list[list[int]] = [[] for _ in range(count)]
    open_ = list(range(count))
    model.eval()
    with torch.no_grad():
        while open_:
            tell()
            rows = torch.tensor([[*begin, *texts[number]][-context:] for number in open_], device=device)
            logits = model(rows)[:, -1].float().cpu()  # (texts, vocab)
            if temperature:
                chosen = torch.multinomial((logits / temperature).softmax(-1), 1, generator=generator)[:, 0]
            else:
                chosen = logits.argmax(-1)
            for number, token in zip(open_, chosen.tolist(), strict=True):
                texts[number].append(token)
            open_ = [number for number in open_ if texts[number][-1] != end and len(texts[number]) < most]
    return texts
