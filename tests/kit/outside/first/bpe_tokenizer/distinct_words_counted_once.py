# MISTAKE: Every distinct piece is counted once however often it occurs; right is to weight its pairs by its number of occurrences.
from collections import Counter

import regex as re

GPT2_SPLIT_PATTERN = r"""'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"""


def split_special(text, special_tokens):
    if not special_tokens:
        return [text]
    ordered = sorted(special_tokens, key=len, reverse=True)
    return re.split("(" + "|".join(re.escape(t) for t in ordered) + ")", text)


def merge_piece(parts, pair):
    out = []
    i = 0
    while i < len(parts):
        if i < len(parts) - 1 and parts[i] == pair[0] and parts[i + 1] == pair[1]:
            out.append(parts[i] + parts[i + 1])
            i += 2
        else:
            out.append(parts[i])
            i += 1
    return out


def train_bpe(text, vocab_size, special_tokens=()):
    if vocab_size < 256 + len(special_tokens):
        raise ValueError("vocab_size is too small")

    words = Counter()
    for part in split_special(text, special_tokens):
        if part in special_tokens:
            continue
        for piece in re.findall(GPT2_SPLIT_PATTERN, part):
            words[piece] += 1
    pieces = [[bytes([b]) for b in word.encode("utf-8")] for word in words]
    freqs = list(words.values())

    vocab = {i: bytes([i]) for i in range(256)}
    merges = []
    while len(vocab) + len(special_tokens) < vocab_size:
        counts = Counter()
        for piece, freq in zip(pieces, freqs):
            for pair in zip(piece, piece[1:]):
                counts[pair] += 1
        if not counts:
            break
        best = max(counts, key=lambda p: (counts[p], p))
        merges.append(best)
        vocab[len(vocab)] = best[0] + best[1]
        pieces = [merge_piece(piece, best) for piece in pieces]

    for token in special_tokens:
        vocab[len(vocab)] = token.encode("utf-8")
    return vocab, merges


class BPETokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = dict(vocab)
        self.special_tokens = list(special_tokens)
        self.ranks = {pair: i for i, pair in enumerate(merges)}
        self.token_to_id = {}
        for i in sorted(self.vocab):
            self.token_to_id.setdefault(self.vocab[i], i)
        self.special_ids = {}
        for token in self.special_tokens:
            self.special_ids[token] = max(i for i, b in self.vocab.items() if b == token.encode("utf-8"))

    def bpe(self, piece):
        parts = [bytes([b]) for b in piece.encode("utf-8")]
        while len(parts) > 1:
            pair = min(zip(parts, parts[1:]), key=lambda p: self.ranks.get(p, float("inf")))
            if pair not in self.ranks:
                break
            parts = merge_piece(parts, pair)
        return [self.token_to_id[p] for p in parts]

    def encode(self, text):
        ids = []
        for part in split_special(text, self.special_tokens):
            if part in self.special_ids:
                ids.append(self.special_ids[part])
            else:
                for piece in re.findall(GPT2_SPLIT_PATTERN, part):
                    ids.extend(self.bpe(piece))
        return ids

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace")
