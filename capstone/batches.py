"""Batches of windows: rows of tokens as long as the context, drawn by seed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import torch
from torch import Tensor

Batch = tuple[Tensor, Tensor]


class Windows:
    """The positions where a row may begin, in a text that is one long sequence of tokens.

    A row begins with a piece, so that every token of the piece sees all tokens before it. If the text is a single
    piece, a row may begin anywhere.

    Args:
        pieces: the tokens of each piece.
        before: the token before the first one.
        length: tokens in a row.
        device: the device for batches.
    """

    def __init__(self, pieces: Sequence[Sequence[int]], before: int, length: int, device: torch.device) -> None:
        flat = [before, *(token for piece in pieces for token in piece)]
        starts, position = [], 0
        for piece in pieces:
            starts.append(position)
            position += len(piece)
        last = len(flat) - length - 1
        if len(pieces) == 1:
            starts = list(range(last + 1))
        self.starts = torch.tensor([start for start in starts if start <= last])
        self._flat, self._length, self._device = torch.tensor(flat), length, device

    def __len__(self) -> int:
        return len(self.starts)

    def batch(self, starts: Tensor) -> Batch:
        """Return inputs and targets of the rows that begin at these positions."""
        rows = self._flat[starts[:, None] + torch.arange(self._length + 1)].to(self._device)
        return rows[:, :-1].contiguous(), rows[:, 1:].contiguous()

    def drawn(self, count: int, size: int, seed: int) -> list[Batch]:
        """Draw batches; the same seed draws the same ones."""
        generator = torch.Generator().manual_seed(seed)
        positions = torch.randint(len(self), (count, size), generator=generator)
        return [self.batch(self.starts[row]) for row in positions]

    def spread(self, count: int, size: int) -> list[Batch]:
        """Take batches evenly from the whole text, always the same ones."""
        positions = torch.linspace(0, len(self) - 1, count * size).long().reshape(count, size)
        return [self.batch(self.starts[row]) for row in positions]


class Loader:
    """A loader over batches that reports each batch taken in the first pass.

    Args:
        batches: the batches to yield, the same ones in every pass.
        taken: called before each batch of the first pass.
    """

    def __init__(self, batches: Sequence[Batch], taken: Callable[[], None] = lambda: None) -> None:
        self._batches, self._taken = batches, taken
        self._passes = 0

    def __len__(self) -> int:
        return len(self._batches)

    def __iter__(self) -> Iterator[Batch]:
        self._passes += 1
        first = self._passes == 1
        for inputs, targets in self._batches:
            if first:
                self._taken()
            yield inputs.clone(), targets.clone()
