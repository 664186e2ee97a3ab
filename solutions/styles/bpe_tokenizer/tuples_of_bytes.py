"""Words are tuples of byte strings with frequencies; encoding goes through the merges in order."""

from __future__ import annotations

import itertools
from collections import Counter

import regex

GPT2_SPLIT_PATTERN = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
PAT = regex.compile(GPT2_SPLIT_PATTERN)


def _segments(text: str, special_tokens):
    """Find special tokens by hand, longest first at each position."""
    ordered = sorted(set(special_tokens), key=len, reverse=True)
    start = place = 0
    while place < len(text):
        hit = next((token for token in ordered if text.startswith(token, place)), None)
        if hit is None:
            place += 1
            continue
        if start < place:
            yield text[start:place], False
        yield hit, True
        place += len(hit)
        start = place
    if start < len(text):
        yield text[start:], False


def _apply(word: tuple[bytes, ...], a: bytes, b: bytes) -> tuple[bytes, ...]:
    out: list[bytes] = []
    skip = False
    for i, token in enumerate(word):
        if skip:
            skip = False
        elif token == a and i + 1 < len(word) and word[i + 1] == b:
            out.append(a + b)
            skip = True
        else:
            out.append(token)
    return tuple(out)


def train_bpe(text, vocab_size, special_tokens=()):
    if vocab_size < 256 + len(special_tokens):
        raise ValueError("vocab_size too small")
    freqs: Counter[tuple[bytes, ...]] = Counter()
    for segment, special in _segments(text, special_tokens):
        if not special:
            for match in PAT.finditer(segment):
                freqs[tuple(bytes((b,)) for b in match.group().encode())] += 1
    merges = []
    while 256 + len(merges) + len(special_tokens) < vocab_size:
        pairs: Counter[tuple[bytes, bytes]] = Counter()
        for word, count in freqs.items():
            for pair in itertools.pairwise(word):
                pairs[pair] += count
        if len(pairs) == 0:
            break
        best, _ = max(pairs.items(), key=lambda item: (item[1], item[0]))
        merges.append(best)
        merged: Counter[tuple[bytes, ...]] = Counter()
        for word, count in freqs.items():
            merged[_apply(word, *best)] += count
        freqs = merged
    vocab = {i: bytes((i,)) for i in range(256)}
    vocab.update({256 + i: a + b for i, (a, b) in enumerate(merges)})
    vocab.update({256 + len(merges) + i: token.encode() for i, token in enumerate(special_tokens)})
    return vocab, merges


class BPETokenizer:
    def __init__(self, vocab, merges, special_tokens=None):
        self.special = list(special_tokens or [])
        self.vocab = dict(vocab)
        self.merges = list(merges)
        self.inverse = {}
        for i in sorted(self.vocab):
            self.inverse.setdefault(self.vocab[i], i)
        self.last = {self.vocab[i]: i for i in sorted(self.vocab)}
        self.memo = {}

    def encode(self, text):
        out = []
        for segment, special in _segments(text, self.special):
            if special:
                out.append(self.last[segment.encode()])
                continue
            for match in PAT.finditer(segment):
                piece = match.group()
                if piece not in self.memo:
                    word = tuple(bytes((b,)) for b in piece.encode())
                    for a, b in self.merges:
                        word = _apply(word, a, b)
                    self.memo[piece] = [self.inverse[token] for token in word]
                out += self.memo[piece]
        return out

    def decode(self, ids):
        data = bytearray()
        for i in ids:
            data += self.vocab[i]
        return str(bytes(data), "utf-8", "replace")
