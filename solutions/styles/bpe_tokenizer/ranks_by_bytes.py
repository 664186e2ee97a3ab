"""Ranks of joined bytes as in tiktoken's own teaching code, with a count per word and a class for training."""

import itertools
from collections import Counter
from functools import lru_cache

import regex

GPT2_SPLIT_PATTERN = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"


class Trainer:
    def __init__(self, special_tokens):
        self.special_tokens = tuple(special_tokens)
        self.words = {}

    def feed(self, text):
        start = 0
        while start <= len(text):
            places = [(text.find(t, start), -len(t)) for t in self.special_tokens if text.find(t, start) >= 0]
            end, minus = min(places, default=(len(text), -1))
            for piece in regex.findall(GPT2_SPLIT_PATTERN, text[start:end]):
                _, count = self.words.get(piece, ([], 0))
                self.words[piece] = ([piece.encode()[i : i + 1] for i in range(len(piece.encode()))], count + 1)
            start = end - minus

    def step(self):
        counts = Counter()
        for tokens, count in self.words.values():
            for i in range(len(tokens) - 1):
                counts[tokens[i], tokens[i + 1]] += count
        if not counts:
            return None
        best = sorted(counts, key=lambda pair: (counts[pair], *pair), reverse=True)[0]
        for tokens, _ in self.words.values():
            i = 0
            while i < len(tokens) - 1:
                if (tokens[i], tokens[i + 1]) == best:
                    tokens[i] += tokens.pop(i + 1)
                i += 1
        return best


def train_bpe(text, vocab_size, special_tokens=()):
    if not vocab_size >= 256 + len(special_tokens):
        raise ValueError(vocab_size)
    trainer = Trainer(special_tokens)
    trainer.feed(text)
    merges = []
    while len(merges) < vocab_size - 256 - len(special_tokens):
        best = trainer.step()
        if best is None:
            break
        merges.append(best)
    vocab = {}
    for token in [*(bytes([i]) for i in range(256)), *map(b"".join, merges), *map(str.encode, special_tokens)]:
        vocab[len(vocab)] = token
    return vocab, merges


class BPETokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = vocab
        size = 256 + len(merges)
        self.ranks = {vocab[i]: i for i in range(size)}
        self.special = dict(zip(special_tokens, (self._special_id(t, size) for t in special_tokens), strict=False))
        self.piece_ids = lru_cache(maxsize=1000)(self._piece_ids)

    def _special_id(self, token, size):
        return max(i for i in self.vocab if i >= size and self.vocab[i] == token.encode())

    def _piece_ids(self, piece):
        data = piece.encode()
        parts = [data[i : i + 1] for i in range(len(data))]
        while True:
            ranks = [self.ranks.get(a + b, float("inf")) for a, b in itertools.pairwise(parts)]
            if not ranks or min(ranks) == float("inf"):
                return tuple(self.ranks[part] for part in parts)
            i = ranks.index(min(ranks))
            parts = [*parts[:i], parts[i] + parts[i + 1], *parts[i + 2 :]]

    def encode(self, text):
        ids, rest = [], text
        while rest:
            end = len(rest)
            taken = ""
            for token in self.special:
                place = rest.find(token)
                if place >= 0 and (place < end or (place == end and len(token) > len(taken))):
                    end, taken = place, token
            for piece in regex.findall(GPT2_SPLIT_PATTERN, rest[:end]):
                ids.extend(self.piece_ids(piece))
            if taken:
                ids.append(self.special[taken])
            rest = rest[end + len(taken) :]
        return ids

    def decode(self, ids):
        return b"".join(self.vocab[int(i)] for i in ids).decode("utf-8", errors="replace")
