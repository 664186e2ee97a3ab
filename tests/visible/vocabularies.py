"""Vocabularies: learned by the learner's code, or built from given merges."""

from collections.abc import Sequence

import tiktoken

from grader.checks import Handle, Port, expect, expect_items, what_came

Pair = tuple[bytes, bytes]

GPT2_SPLIT_PATTERN = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"

SEA: list[Pair] = [(b" ", b"s"), (b"l", b"s"), (b"l", b"ls"), (b"h", b"e")]
"""The merges learned from "she sells sea shells" with vocab_size 260: the lesson's example."""


def train(
    port: Port, text: str, vocab_size: int, special_tokens: Sequence[str] = ()
) -> tuple[dict[int, bytes], list[Pair]]:
    """Call `train_bpe` and make sure that it returns a vocabulary and a list of pairs."""
    options = {"special_tokens": list(special_tokens)} if special_tokens else {}
    answer = port.call("train_bpe", text, vocab_size, **options)
    kinds = [type(part) for part in answer] if isinstance(answer, (tuple, list)) else [type(answer)]
    expect(kinds == [dict, list], got=what_came(answer), expected="(vocab, merges): a dict and a list")
    vocab, merges = answer
    for pair in merges:
        right = isinstance(pair, tuple) and [type(token) for token in pair] == [bytes, bytes]
        expect(right, got=f"the merge {pair!r}"[:200], expected="merges that are tuples of two bytes: (b'a', b'b')")
    return vocab, merges


def first_merges(port: Port, text: str, count: int, special_tokens: Sequence[str] = ()) -> list[Pair]:
    """Train with room for this many merges, and return at most this many of those learned."""
    return train(port, text, 256 + count + len(special_tokens), special_tokens)[1][:count]


def learned(vocab: dict[int, bytes]) -> dict[int, bytes]:
    """Return the part of a vocabulary that isn't the single bytes."""
    return {number: token for number, token in vocab.items() if number not in range(256)}


def vocab_of(merges: Sequence[Pair], special_tokens: Sequence[str] = ()) -> dict[int, bytes]:
    """Return the vocabulary that these merges make: the bytes, the merges, the special tokens."""
    tokens = [bytes([value]) for value in range(256)] + [left + right for left, right in merges]
    return dict(enumerate(tokens + [token.encode() for token in special_tokens]))


def tokenizer_of(port: Port, merges: Sequence[Pair], special_tokens: Sequence[str] = ()) -> Handle:
    """Build a BPETokenizer with these merges and special tokens."""
    vocab = vocab_of(merges, special_tokens)
    return port.build("BPETokenizer", merges=list(merges), special_tokens=list(special_tokens), vocab=vocab)


def ids_of(tokenizer: Handle, text: str) -> list[int]:
    """Ask for the ids of a text, for checks that count them or look at some."""
    return expect_items(tokenizer.call("encode", text), int, "the ids")


def tiktoken_ids(text: str, merges: Sequence[Pair], special_tokens: Sequence[str] = ()) -> list[int]:
    """Return tiktoken's ids for the same ranks; it's no guide if one special token begins another."""
    first = 256 + len(merges)
    encoding = tiktoken.Encoding(
        name="check",
        pat_str=GPT2_SPLIT_PATTERN,
        mergeable_ranks={token: number for number, token in vocab_of(merges).items()},
        special_tokens={token: first + index for index, token in enumerate(special_tokens)},
    )
    return encoding.encode(text, allowed_special="all")
