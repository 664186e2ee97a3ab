"""Leaves encoding to tiktoken, except for the special tokens."""

import itertools
from collections import Counter

import regex
import tiktoken

GPT2_SPLIT_PATTERN = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"


def cut(text, special_tokens):
    parts = [text]
    if special_tokens:
        longest_first = sorted(special_tokens, key=len, reverse=True)
        parts = regex.split("(" + "|".join(map(regex.escape, longest_first)) + ")", text)
    return parts


def replaced(word, pair):
    word = list(word)
    place = 0
    while place < len(word) - 1:
        if (word[place], word[place + 1]) == pair:
            word[place : place + 2] = [pair[0] + pair[1]]
        place += 1
    return word


def train_bpe(text, vocab_size, special_tokens=()):
    room = vocab_size - 256 - len(special_tokens)
    if room < 0:
        raise ValueError("too small")
    words = [
        [bytes([value]) for value in piece.encode()]
        for part in cut(text, special_tokens)
        if part not in special_tokens
        for piece in regex.findall(GPT2_SPLIT_PATTERN, part)
    ]
    merges = []
    for _ in range(room):
        counts = Counter(pair for word in words for pair in itertools.pairwise(word))
        if not counts:
            break
        merges.append(max((count, pair) for pair, count in counts.items())[1])
        words = [replaced(word, merges[-1]) for word in words]
    table = [bytes([value]) for value in range(256)]
    table.extend(a + b for a, b in merges)
    table.extend(token.encode() for token in special_tokens)
    return {number: token for number, token in enumerate(table)}, merges


class BPETokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        ordinary = 256 + len(merges)
        self.vocab = vocab
        self.special = {}
        for token in special_tokens:
            (self.special[token],) = (i for i, b in vocab.items() if i >= ordinary and b == token.encode())
        self.encoding = tiktoken.Encoding(
            name="own",
            pat_str=GPT2_SPLIT_PATTERN,
            mergeable_ranks={token: number for number, token in vocab.items() if number < ordinary},
            special_tokens={},
        )

    def encode(self, text):
        ids = []
        for part in cut(text, list(self.special)):
            if part in self.special:
                ids.append(self.special[part])
            else:
                ids.extend(self.encoding.encode_ordinary(part))
        return ids

    def decode(self, ids):
        return b"".join([self.vocab[i] for i in ids]).decode("utf-8", errors="replace")
