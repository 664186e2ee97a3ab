"""Learn a byte-level BPE vocabulary from a text, then turn any string into token ids and back with it.

Not asked: files, several processes, GPT-2's own 50,000 merges, an id for unknown characters.

Book: chapter 2.5 (there tiktoken does the work; training a BPE is left to the book's bonus material).
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from itertools import pairwise

import regex

# Given: how GPT-2 cuts a text into pieces (contractions, words, numbers, other signs, white space).
GPT2_SPLIT_PATTERN = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"

Pair = tuple[bytes, bytes]


def split_at_special_tokens(text: str, special_tokens: Collection[str]) -> list[str]:
    """Cut a text so that each special token is a part of its own (of two at one place, the longest).

    Joined, the parts are the text again; empty parts do no harm. Without special tokens it is one part.
    """
    raise NotImplementedError("Start with the special tokens in the order in which they should be tried.")


def merge_pair(tokens: list[bytes], pair: Pair) -> list[bytes]:
    """Return a new list in which each occurrence of the pair, from left to right, has become one token."""
    raise NotImplementedError("Start with an empty list and walk along the tokens with your own position.")


def train_bpe(text: str, vocab_size: int, special_tokens: Sequence[str] = ()) -> tuple[dict[int, bytes], list[Pair]]:
    """Learn merges from a text until vocab_size is reached or no pair is left; ties go to the greatest pair.

    Returns the vocabulary (ids 0-255 the single bytes in order, then one id per merge, then the special
    tokens in the order given) and the merges in the order learned. Raises ValueError if vocab_size is too
    small for the bytes and the special tokens.
    """
    raise NotImplementedError("Start with the room for merges, then count the distinct pieces of the text.")


class BPETokenizer:
    """Turn strings into token ids and back, with the vocabulary and merges that `train_bpe` returned."""

    def __init__(self, vocab: dict[int, bytes], merges: list[Pair], special_tokens: Sequence[str] = ()) -> None:
        """Keep what `encode` and `decode` will look up. Every special token must be in the vocabulary."""
        raise NotImplementedError("Start with a dictionary from each pair to its rank.")

    def encode_piece(self, piece: str) -> list[int]:
        """Return the ids of one piece (no special token): always the pair learned earliest is merged next."""
        raise NotImplementedError("Start with the piece as a list of single bytes.")

    def encode(self, text: str) -> list[int]:
        """Return the ids of a text, a single one for each special token in it; `[]` for the empty text."""
        raise NotImplementedError("Start with the parts between the special tokens.")

    def decode(self, ids: Iterable[int]) -> str:
        """Return the text of the ids, with U+FFFD for invalid UTF-8; KeyError for an unknown id."""
        raise NotImplementedError("Start with the bytes of all ids, joined.")
