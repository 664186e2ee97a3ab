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
    ### BEGIN SOLUTION: Start with the special tokens, in the order in which you should try them.
    if not special_tokens:
        return [text]
    longest_first = sorted(special_tokens, key=len, reverse=True)
    any_special_token = "|".join(regex.escape(token) for token in longest_first)
    # The round brackets make split keep the special tokens themselves.
    return regex.split(f"({any_special_token})", text)
    ### END SOLUTION


def merge_pair(tokens: list[bytes], pair: Pair) -> list[bytes]:
    """Return a new list in which each occurrence of the pair, from left to right, is merged into one token."""
    ### BEGIN SOLUTION: Start with an empty list, and move your own position through the tokens.
    merged = []
    position = 0
    while position < len(tokens):
        if tuple(tokens[position : position + 2]) == pair:
            merged.append(pair[0] + pair[1])
            position += 2
        else:
            merged.append(tokens[position])
            position += 1
    return merged
    ### END SOLUTION


def train_bpe(text: str, vocab_size: int, special_tokens: Sequence[str] = ()) -> tuple[dict[int, bytes], list[Pair]]:
    """Learn merges from a text until vocab_size is reached or no pair is left; ties go to the greatest pair.

    Returns the vocabulary and the merges, in the order in which they were learned. In the vocabulary, ids 0-255 are
    the single bytes in order, then comes one id per merge, then the special tokens in the order given. Raises
    ValueError if vocab_size is too small for the bytes and the special tokens.
    """
    ### BEGIN SOLUTION: Start with how many merges fit, then count the distinct pieces of the text.
    max_merges = vocab_size - 256 - len(special_tokens)
    if max_merges < 0:
        raise ValueError(f"vocab_size is {vocab_size}, but at least {256 + len(special_tokens)} is needed")

    piece_counts: Counter[str] = Counter()
    for part in split_at_special_tokens(text, special_tokens):
        if part not in special_tokens:
            piece_counts.update(regex.findall(GPT2_SPLIT_PATTERN, part))

    # One list of tokens per distinct piece, and how often that piece appears in the text.
    pieces = [[bytes([value]) for value in piece.encode("utf-8")] for piece in piece_counts]
    multiplicities = list(piece_counts.values())

    pair_counts: Counter[Pair] = Counter()
    pair_holders: defaultdict[Pair, set[int]] = defaultdict(set)  # pair -> indices of pieces
    for index, tokens in enumerate(pieces):
        for pair in pairwise(tokens):
            pair_counts[pair] += multiplicities[index]
            pair_holders[pair].add(index)

    merges: list[Pair] = []
    while len(merges) < max_merges and pair_counts:
        highest_count = max(pair_counts.values())
        best_pair = max(pair for pair, count in pair_counts.items() if count == highest_count)
        merges.append(best_pair)
        # Only the pieces that contain the pair change: remove all their old pairs, then add the new ones.
        for index in sorted(pair_holders[best_pair]):
            for pair in pairwise(pieces[index]):
                pair_counts[pair] -= multiplicities[index]
                pair_holders[pair].discard(index)
                if pair_counts[pair] == 0:
                    del pair_counts[pair], pair_holders[pair]
            pieces[index] = merge_pair(pieces[index], best_pair)
            for pair in pairwise(pieces[index]):
                pair_counts[pair] += multiplicities[index]
                pair_holders[pair].add(index)

    tokens_in_order = [bytes([value]) for value in range(256)]
    tokens_in_order += [left + right for left, right in merges]
    tokens_in_order += [token.encode("utf-8") for token in special_tokens]
    return dict(enumerate(tokens_in_order)), merges
    ### END SOLUTION


class BPETokenizer:
    """Turn strings into token ids and back, with the vocabulary and merges from `train_bpe`."""

    def __init__(self, vocab: dict[int, bytes], merges: list[Pair], special_tokens: Sequence[str] = ()) -> None:
        """Store what `encode` and `decode` look up. Every special token must be in the vocabulary."""
        ### BEGIN SOLUTION: Start with a dictionary from each pair to its rank.
        self.vocab = dict(vocab)
        self.ranks = {pair: rank for rank, pair in enumerate(merges)}
        # A special token can spell the same bytes as an ordinary one, so each kind has its own table.
        num_ordinary = 256 + len(merges)
        self.token_ids = {token: i for i, token in vocab.items() if i < num_ordinary}
        special_ids = {token: i for i, token in vocab.items() if i >= num_ordinary}
        self.special_ids = {token: special_ids[token.encode("utf-8")] for token in special_tokens}
        ### END SOLUTION

    def encode_piece(self, piece: str) -> list[int]:
        """Return the ids of one piece (not a special token); the pair that was learned first is always merged next."""
        ### BEGIN SOLUTION: Start with the piece as a list of single bytes.
        tokens = [bytes([value]) for value in piece.encode("utf-8")]
        while True:
            known_pairs = [pair for pair in pairwise(tokens) if pair in self.ranks]
            if not known_pairs:
                return [self.token_ids[token] for token in tokens]
            tokens = merge_pair(tokens, min(known_pairs, key=self.ranks.__getitem__))
        ### END SOLUTION

    def encode(self, text: str) -> list[int]:
        """Return the ids of a text, with a single id for each special token in it; `[]` for an empty text."""
        ### BEGIN SOLUTION: Start with the parts between the special tokens.
        ids: list[int] = []
        ids_of_pieces: dict[str, list[int]] = {}  # each distinct piece is worked out once per call
        for part in split_at_special_tokens(text, self.special_ids):
            if part in self.special_ids:
                ids.append(self.special_ids[part])
                continue
            for piece in regex.findall(GPT2_SPLIT_PATTERN, part):
                if piece not in ids_of_pieces:
                    ids_of_pieces[piece] = self.encode_piece(piece)
                ids.extend(ids_of_pieces[piece])
        return ids
        ### END SOLUTION

    def decode(self, ids: Iterable[int]) -> str:
        """Return the text for the ids, with U+FFFD for invalid UTF-8. Raises KeyError for an unknown id."""
        ### BEGIN SOLUTION: Start by joining the bytes of all the ids.
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace")
        ### END SOLUTION
