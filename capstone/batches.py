"""Batches of rows of tokens as long as the context: the learner's dataset cuts them, and a seed draws them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence

import torch
from torch import Tensor

from capstone.tokens import KnownText
from grader.study.capstone import Parts

Batch = tuple[Tensor, Tensor]
ROWS = 200
"""A short text of the user's own gets overlapping rows, so that there are about this many."""


class Windows:
    """The rows of a text, cut by the learner's dataset.

    A row begins with a piece, so that every token of the piece sees all tokens before it. If the text is a single
    piece, its rows overlap by half or more.

    Args:
        parts: the learner's modules.
        pieces: the tokens of each piece of the text.
        before: the token before the first one.
        length: tokens in a row.
        device: the device for batches.

    Raises:
        PartFailed: the learner's dataset failed.
    """

    def __init__(
        self, parts: Parts, pieces: Sequence[Sequence[int]], before: int, length: int, device: torch.device
    ) -> None:
        self._device = device
        ids = [before, *itertools.chain.from_iterable(pieces)]
        starts = list(itertools.accumulate(map(len, pieces), initial=0))[:-1]
        texts = [ids[start : start + length + 1] for start in starts if start + length < len(ids)]
        stride = length
        if len(pieces) == 1:
            texts, stride = [ids], max(1, min(length // 2, (len(ids) - length) // ROWS))
        kind = parts.take("data_loader", "GPTDatasetV1")
        with parts.running() as sign:
            self._rows: list[Batch] = []
            for text in texts:
                sign()
                dataset = kind("", KnownText(text), length, stride)
                self._rows += [dataset[number] for number in range(len(dataset))]

    def __len__(self) -> int:
        return len(self._rows)

    def batch(self, numbers: Sequence[int]) -> Batch:
        """Return inputs and targets of the rows with these numbers."""
        rows = [self._rows[number] for number in numbers]
        inputs, targets = (torch.stack(side).to(self._device) for side in zip(*rows, strict=True))
        return inputs, targets

    def drawn(self, count: int, size: int, seed: int) -> list[Batch]:
        """Draw batches; the same seed draws the same ones."""
        generator = torch.Generator().manual_seed(seed)
        numbers = torch.randint(len(self), (count, size), generator=generator)
        return [self.batch(row) for row in numbers.tolist()]

    def spread(self, count: int, size: int) -> list[Batch]:
        """Take batches evenly from the whole text, always the same ones."""
        numbers = torch.linspace(0, len(self) - 1, count * size).long().reshape(count, size)
        return [self.batch(row) for row in numbers.tolist()]


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
