"""The fingerprints of programs: which short runs of symbols they contain, and which of these two programs share."""

from __future__ import annotations

import io
from collections.abc import Set
from copy import copy
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from grader.reports.likeness.symbols import Symbols, lines_of, symbols_of, tokens_of

if TYPE_CHECKING:
    from copydetect import CodeFingerprint

RUN = 12
"""Symbols: the shortest passage that counts as shared. An assignment such as `a = b.mean(dim=-1)` has about ten."""


@dataclass(frozen=True)
class Program:
    """A program and its fingerprints, of which those that don't count are left out."""

    text: str
    symbols: Symbols
    prints: CodeFingerprint

    @property
    def hashes(self) -> Set[int]:
        """The hashes of the runs of symbols that count."""
        hashes: set[int] = self.prints.hashes
        return hashes

    @property
    def length(self) -> int:
        """The number of symbols in runs that count."""
        return int(self.prints.token_coverage)

    def without(self, hashes: Set[int]) -> Program:
        """Leave out runs that don't count."""
        from copydetect.utils import get_token_coverage

        # Not by the library's own way, which expects that no hash occurs twice in a program.
        prints = copy(self.prints)
        prints.hash_idx = {mark: starts for mark, starts in prints.hash_idx.items() if mark not in hashes}
        prints.hashes = set(prints.hash_idx)
        prints.token_coverage = get_token_coverage(prints.hash_idx, RUN, len(self.symbols.text))
        return replace(self, prints=prints)


@dataclass(frozen=True)
class Overlap:
    """What two programs share: the number of symbols, the share of one of them, and the lines of each."""

    symbols: int
    share: float
    first_lines: Set[int]
    second_lines: Set[int]


def program(text: str) -> Program:
    """Take a program's fingerprints: all of them, so that nothing depends on which ones a window would choose."""
    symbols = symbols_of(text)
    return Program(text, symbols, _fingerprint(symbols))


def hashes_of(text: str) -> Set[int]:
    """Return all hashes of a text, also those of its tokens, which programs that can't be parsed are compared by."""
    hashes: set[int] = set(_fingerprint(tokens_of(text)).hashes)
    return hashes | program(text).hashes


def overlap(first: Program, second: Program) -> Overlap | None:
    """Compare two programs; None if they share nothing that counts."""
    from copydetect import compare_files

    if not first.hashes & second.hashes:
        return None
    symbols, shares, slices = compare_files(first.prints, second.prints)
    lines = [
        lines_of(program.symbols, [(int(begin), int(end)) for begin, end in zip(*of_program, strict=True)])
        for program, of_program in zip((first, second), slices, strict=True)
    ]
    return Overlap(int(symbols), min(1.0, float(max(shares))), *lines)


def _fingerprint(symbols: Symbols) -> CodeFingerprint:
    from copydetect import CodeFingerprint

    return CodeFingerprint("module.py", RUN, 1, filter=False, fp=io.StringIO(symbols.text))
