"""A stand-in for `bpe_tokenizer` without merges: frequent words get ids of their own, the rest are bytes."""

from collections import Counter
from collections.abc import Iterable, Sequence

import regex

_PIECES = regex.compile(r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+")


def train_bpe(text: str, vocab_size: int, special_tokens: Sequence[str] = ()) -> tuple[dict[int, bytes], list[object]]:
    """Return a vocabulary of bytes and frequent words, and no merges."""
    counts = Counter(piece.encode() for piece in _PIECES.findall(text))
    ordered = sorted(counts, key=lambda piece: (-counts[piece], piece))
    words = [piece for piece in ordered if len(piece) > 1][: vocab_size - 256]
    return dict(enumerate([bytes([value]) for value in range(256)] + words)), []


class BPETokenizer:
    def __init__(self, vocab: dict[int, bytes], merges: list[object], special_tokens: Sequence[str] = ()) -> None:
        self.vocab = vocab
        self.ids = {token: number for number, token in vocab.items()}

    def encode(self, text: str) -> list[int]:
        pieces = [piece.encode() for piece in _PIECES.findall(text)]
        return [number for piece in pieces for number in ([self.ids[piece]] if piece in self.ids else piece)]

    def decode(self, ids: Iterable[int]) -> str:
        return b"".join(self.vocab[number] for number in ids).decode("utf-8", errors="replace")
