"""Batches of windows: rows of tokens as long as the context, drawn by seed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import torch
from torch import Tensor

Batch = tuple[Tensor, Tensor]


class Windows:
    """Where a row may begin, in a text that is one long row of tokens.

    A row begins with a piece, so that every token of the piece has all that came before it in sight; of a text in
    one piece it begins anywhere.

    Args:
        pieces: the tokens of each piece.
        before: the token that stands before the first.
        length: tokens in a row.
        device: where batches go.
    """

    def __init__(self, pieces: Sequence[Sequence[int]], before: int, length: int, device: torch.device) -> None:
        flat = [before, *(token for piece in pieces for token in piece)]
        starts, place = [], 0
        for piece in pieces:
            starts.append(place)
            place += len(piece)
        last = len(flat) - length - 1
        if len(pieces) == 1:
            starts = list(range(last + 1))
        self.starts = torch.tensor([start for start in starts if start <= last])
        self._flat, self._length, self._device = torch.tensor(flat), length, device

    def __len__(self) -> int:
        return len(self.starts)

    def batch(self, starts: Tensor) -> Batch:
        """Return inputs and targets of the rows that begin at these places."""
        rows = self._flat[starts[:, None] + torch.arange(self._length + 1)].to(self._device)
        return rows[:, :-1].contiguous(), rows[:, 1:].contiguous()

    def drawn(self, count: int, size: int, seed: int) -> list[Batch]:
        """Draw batches; the same seed draws the same."""
        generator = torch.Generator().manual_seed(seed)
        places = torch.randint(len(self), (count, size), generator=generator)
        return [self.batch(self.starts[row]) for row in places]

    def spread(self, count: int, size: int) -> list[Batch]:
        """Take batches from all over the text, always the same."""
        places = torch.linspace(0, len(self) - 1, count * size).long().reshape(count, size)
        return [self.batch(self.starts[row]) for row in places]


class Loader:
    """A loader over batches that tells of each one that is taken on the first way through.

    Args:
        batches: what it yields, on every way through the same.
        taken: called before each batch of the first way.
    """

    def __init__(self, batches: Sequence[Batch], taken: Callable[[], None] = lambda: None) -> None:
        self._batches, self._taken = batches, taken
        self._ways = 0

    def __len__(self) -> int:
        return len(self._batches)

    def __iter__(self) -> Iterator[Batch]:
        self._ways += 1
        first = self._ways == 1
        for inputs, targets in self._batches:
            if first:
                self._taken()
            yield inputs.clone(), targets.clone()
