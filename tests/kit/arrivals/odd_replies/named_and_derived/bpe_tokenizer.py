import collections
import itertools

import regex

GPT2_SPLIT_PATTERN = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"

Pair = collections.namedtuple("Pair", "left right")
Trained = collections.namedtuple("Trained", "vocab merges")


class Vocabulary(dict):
    """A dict of ids and bytes."""


def cut(text, special_tokens):
    if not special_tokens:
        return [text]
    longest_first = sorted(special_tokens, key=len, reverse=True)
    return regex.split("(" + "|".join(map(regex.escape, longest_first)) + ")", text)


def join(tokens, pair):
    joined, place = [], 0
    while place < len(tokens):
        both = tuple(tokens[place : place + 2]) == pair
        joined.append(pair[0] + pair[1] if both else tokens[place])
        place += 2 if both else 1
    return joined


def train_bpe(text, vocab_size, special_tokens=()):
    if vocab_size < 256 + len(special_tokens):
        raise ValueError("vocab_size is too small")
    parts = [part for part in cut(text, special_tokens) if part not in special_tokens]
    words = collections.Counter(piece for part in parts for piece in regex.findall(GPT2_SPLIT_PATTERN, part))
    tokens = {word: [bytes([byte]) for byte in word.encode()] for word in words}
    merges = []
    while len(merges) < vocab_size - 256 - len(special_tokens):
        counts = collections.Counter()
        for word, count in words.items():
            for pair in itertools.pairwise(tokens[word]):
                counts[pair] += count
        if not counts:
            break
        best = max(counts, key=lambda pair: (counts[pair], pair))
        merges.append(best)
        tokens = {word: join(own, best) for word, own in tokens.items()}
    every = [bytes([byte]) for byte in range(256)] + [left + right for left, right in merges]
    every += [token.encode() for token in special_tokens]
    return Trained(Vocabulary(enumerate(every)), collections.deque(Pair(*pair) for pair in merges))


class BPETokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = dict(vocab)
        self.ranks = {tuple(pair): rank for rank, pair in enumerate(merges)}
        self.special_tokens = list(special_tokens)
        ordinary = 256 + len(merges)
        self.ids = {token: number for number, token in vocab.items() if number < ordinary}
        self.special_ids = {token.decode(): number for number, token in vocab.items() if number >= ordinary}

    def encode(self, text):
        ids = []
        for part in cut(text, self.special_tokens):
            if part in self.special_tokens:
                ids.append(self.special_ids[part])
                continue
            for piece in regex.findall(GPT2_SPLIT_PATTERN, part):
                tokens = [bytes([byte]) for byte in piece.encode()]
                while known := [pair for pair in itertools.pairwise(tokens) if pair in self.ranks]:
                    tokens = join(tokens, min(known, key=self.ranks.__getitem__))
                ids += [self.ids[token] for token in tokens]
        return collections.deque(ids)

    def decode(self, ids):
        return b"".join(self.vocab[number] for number in ids).decode("utf-8", "replace")
