"""The learner's tokenizer, applied to a whole text in which the same words occur thousands of times."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any

import regex

from grader.study.capstone import Parts

PIECES = regex.compile(r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+")
"""No merge crosses a piece, so each distinct piece is encoded only once."""
SAMPLE = 60_000
"""The number of characters to learn merges from: enough, and few enough for a slow tokenizer."""


class Tokens:
    """The learner's tokenizer: its vocabulary, encoding and decoding.

    Args:
        parts: the learner's modules.
        vocab: the bytes of each id.
        merges: as `train_bpe` returned them.
    """

    def __init__(self, parts: Parts, vocab: dict[int, bytes], merges: Sequence[tuple[bytes, bytes]]) -> None:
        self._parts, self.vocab, self.merges = parts, vocab, list(merges)
        kind = parts.take("bpe_tokenizer", "BPETokenizer")
        with parts.running():
            self._tokenizer: Any = kind(vocab=vocab, merges=self.merges)
        self._encode_piece = cache(self._encode)

    @classmethod
    def learn(cls, parts: Parts, text: Sequence[str], vocab_size: int) -> Tokens:
        """Have the learner's `train_bpe` learn a vocabulary from the beginning of a text."""
        train = parts.take("bpe_tokenizer", "train_bpe")
        with parts.running():
            vocab, merges = train("".join(text)[:SAMPLE], vocab_size)
        return cls(parts, vocab, merges)

    @classmethod
    def from_data(cls, parts: Parts, data: dict[str, Any]) -> Tokens:
        """Make a tokenizer from the data that `to_data` returned."""
        vocab = {number: token.encode("latin-1") for number, token in enumerate(data["vocab"])}
        merges = [(left.encode("latin-1"), right.encode("latin-1")) for left, right in data["merges"]]
        return cls(parts, vocab, merges)

    def to_data(self) -> dict[str, Any]:
        """Return vocabulary and merges as plain data, bytes as characters of the same value (Latin-1)."""
        vocab = [self.vocab[number].decode("latin-1") for number in sorted(self.vocab)]
        merges = [[left.decode("latin-1"), right.decode("latin-1")] for left, right in self.merges]
        return {"bytes": "latin-1", "vocab": vocab, "merges": merges}

    def __len__(self) -> int:
        return len(self.vocab)

    def encode(self, text: str, sign: Callable[[], None] = lambda: None) -> list[int]:
        """Return the ids of a text; `sign` is called for each of its pieces."""
        ids: list[int] = []
        for piece in PIECES.findall(text):
            sign()
            ids += self._encode_piece(piece)
        return ids

    def encode_all(self, texts: Iterable[str]) -> list[list[int]]:
        """Return the ids of several texts, with the learner's code held responsible."""
        with self._parts.running() as sign:
            return [self.encode(text, sign) for text in texts]

    def decode(self, ids: Sequence[int]) -> str:
        """Return the text of ids."""
        return str(self._tokenizer.decode(list(ids)))

    def _encode(self, piece: str) -> tuple[int, ...]:
        return tuple(self._tokenizer.encode(piece))


class BookTokenizer:
    """The same under the interface that a training loop expects, which is tiktoken's."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self.n_vocab = len(tokens)

    def encode(self, text: str, *, allowed_special: object = (), disallowed_special: object = ()) -> list[int]:
        return self._tokens.encode(text)

    def decode(self, ids: Sequence[int]) -> str:
        return self._tokens.decode(ids)


class KnownText:
    """A tokenizer for one text whose ids are known already: whatever the text, it encodes to these."""

    def __init__(self, ids: Sequence[int]) -> None:
        self._ids = list(ids)

    def encode(self, text: str, *, allowed_special: object = (), disallowed_special: object = ()) -> list[int]:
        return list(self._ids)
