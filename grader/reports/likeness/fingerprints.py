"""The fingerprints of programs: which short runs of symbols they contain, and which of these two programs share."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from grader.reports.likeness.symbols import Symbols, lines_of, symbols_of, tokens_of

if TYPE_CHECKING:
    # Imported only where a class is compared: every command imports this module.
    import numpy as np
    from numpy.typing import NDArray

RUN = 12
"""Symbols: the shortest passage that counts as shared. An assignment such as `a = b.mean(dim=-1)` has about ten."""


@dataclass(frozen=True)
class Program:
    """A program and its fingerprints.

    Attributes:
        text: the program.
        symbols: its symbols.
        runs: the positions at which each run of symbols begins, by the run's hash, without the runs that don't count.
        own: for each symbol, whether it's the program's own: in no run that doesn't count.
    """

    text: str
    symbols: Symbols
    runs: Mapping[int, Sequence[int]]
    own: NDArray[np.bool_]

    @property
    def length(self) -> int:
        """The number of the program's own symbols."""
        return int(self.own.sum())

    def without(self, hashes: Set[int]) -> Program:
        """Leave out runs that don't count."""
        kept = {mark: starts for mark, starts in self.runs.items() if mark not in hashes}
        return replace(self, runs=kept, own=self.own & ~self._covered(self.runs.keys() & hashes))

    def shared(self, other: Program) -> NDArray[np.bool_]:
        """Say of each symbol whether it's the program's own and in a run that the other program has too."""
        return self.own & self._covered(self.runs.keys() & other.runs.keys())

    def _covered(self, hashes: Set[int]) -> NDArray[np.bool_]:
        import numpy as np

        covered = np.zeros(len(self.symbols.text), dtype=np.bool_)
        starts = np.array([start for mark in hashes for start in self.runs[mark]], dtype=np.intp)
        for offset in range(RUN):
            covered[starts + offset] = True
        return covered


@dataclass(frozen=True)
class Overlap:
    """What two programs share: the number of symbols, the share of one of them, and the lines of each."""

    symbols: int
    share: float
    first_lines: Set[int]
    second_lines: Set[int]


def program(text: str) -> Program:
    """Take a program's fingerprints: all of them, so that nothing depends on which ones a window would choose."""
    import numpy as np

    symbols = symbols_of(text)
    return Program(text, symbols, _runs(symbols), np.ones(len(symbols.text), dtype=np.bool_))


def hashes_of(text: str) -> Set[int]:
    """Return all hashes of a text, also those of its tokens, which programs that can't be parsed are compared by."""
    return _runs(tokens_of(text)).keys() | _runs(symbols_of(text)).keys()


def overlap(first: Program, second: Program) -> Overlap | None:
    """Compare two programs; None if they share nothing that counts."""
    if first.runs.keys().isdisjoint(second.runs):
        return None
    in_first, in_second = first.shared(second), second.shared(first)
    counts = (int(in_first.sum()), int(in_second.sum()))
    if not all(counts):
        return None
    share = max(counts[0] / first.length, counts[1] / second.length)
    return Overlap(min(counts), share, lines_of(first.symbols, in_first), lines_of(second.symbols, in_second))


def _runs(symbols: Symbols) -> dict[int, list[int]]:
    from copydetect import CodeFingerprint

    prints = CodeFingerprint("module.py", RUN, 1, filter=False, fp=io.StringIO(symbols.text))
    return {int(mark): [int(start) for start in starts] for mark, starts in prints.hash_idx.items()}
