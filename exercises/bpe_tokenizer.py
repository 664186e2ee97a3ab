"""Learn a byte-level BPE vocabulary from a text, then turn any string into token ids and back with it.

Not in this exercise: files, several processes, GPT-2's own 50,000 merges, an id for unknown characters.

Book: chapter 2.5 (tiktoken does the work there; training a BPE is in the book's bonus material).
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from itertools import pairwise

import regex

# Given: how GPT-2 cuts a text into pieces (contractions, words, numbers, other symbols, whitespace).
GPT2_SPLIT_PATTERN = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"

Pair = tuple[bytes, bytes]


def split_at_special_tokens(text: str, special_tokens: Collection[str]) -> list[str]:
    """Cut a text so that each special token becomes its own part.

    If two special tokens match at the same position, the longest wins. Joining the parts gives the text again; empty
    parts are fine. Without special tokens, the whole text is one part.
    """
    raise NotImplementedError("Start with the special tokens, in the order in which you should try them.")


def merge_pair(tokens: list[bytes], pair: Pair) -> list[bytes]:
    """Return a new list in which each occurrence of the pair, from left to right, is merged into one token."""
    raise NotImplementedError("Start with an empty list, and move your own position through the tokens.")


def train_bpe(text: str, vocab_size: int, special_tokens: Sequence[str] = ()) -> tuple[dict[int, bytes], list[Pair]]:
    """Learn merges from a text until vocab_size is reached or no pair is left; ties go to the greatest pair.

    Returns the vocabulary and the merges, in the order in which they were learned. In the vocabulary, ids 0-255 are
    the single bytes in order, then comes one id per merge, then the special tokens in the order given. Raises
    ValueError if vocab_size is too small for the bytes and the special tokens.
    """
    raise NotImplementedError("Start with how many merges fit, then count the distinct pieces of the text.")


class BPETokenizer:
    """Turn strings into token ids and back, with the vocabulary and merges from `train_bpe`."""

    def __init__(self, vocab: dict[int, bytes], merges: list[Pair], special_tokens: Sequence[str] = ()) -> None:
        """Store what `encode` and `decode` look up. Every special token must be in the vocabulary."""
        raise NotImplementedError("Start with a dictionary from each pair to its rank.")

    def encode_piece(self, piece: str) -> list[int]:
        """Return the ids of one piece (not a special token); the pair that was learned first is always merged next."""
        raise NotImplementedError("Start with the piece as a list of single bytes.")

    def encode(self, text: str) -> list[int]:
        """Return the ids of a text, with a single id for each special token in it; `[]` for an empty text."""
        raise NotImplementedError("Start with the parts between the special tokens.")

    def decode(self, ids: Iterable[int]) -> str:
        """Return the text for the ids, with U+FFFD for invalid UTF-8. Raises KeyError for an unknown id."""
        raise NotImplementedError("Start by joining the bytes of all the ids.")
