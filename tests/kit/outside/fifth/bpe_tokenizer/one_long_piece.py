"""
Byte-level byte pair encoding.
"""
import regex as re

GPT2_SPLIT_PATTERN = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"


def get_stats(ids):
    counts = {}
    for pair in zip(ids, ids[1:]):
        counts[pair] = counts.get(pair, 0) + 1
    return counts


def merge(ids, pair, idx):
    newids = []
    i = 0
    while i < len(ids):
        if i < len(ids) - 1 and ids[i] == pair[0] and ids[i + 1] == pair[1]:
            newids.append(idx)
            i += 2
        else:
            newids.append(ids[i])
            i += 1
    return newids


def separate(text, special_tokens):
    if not special_tokens:
        return [text]
    return re.split("(" + "|".join(re.escape(s) for s in sorted(special_tokens, key=len, reverse=True)) + ")", text)


def train_bpe(text, vocab_size, special_tokens=()):
    if vocab_size < 256 + len(special_tokens):
        raise ValueError("vocab_size too small")
    vocab = {i: bytes([i]) for i in range(256)}
    merges = []
    sections = [list(s.encode("utf-8")) for s in separate(text, special_tokens) if s not in special_tokens]
    while len(vocab) < vocab_size - len(special_tokens):
        stats = {}
        for section in sections:
            for pair, n in get_stats(section).items():
                stats[pair] = stats.get(pair, 0) + n
        if not stats:
            break
        top = max(stats, key=lambda p: (stats[p], vocab[p[0]], vocab[p[1]]))
        idx = len(vocab)
        sections = [merge(section, top, idx) for section in sections]
        merges.append((vocab[top[0]], vocab[top[1]]))
        vocab[idx] = vocab[top[0]] + vocab[top[1]]
    for s in special_tokens:
        vocab[len(vocab)] = s.encode("utf-8")
    return vocab, merges


class BPETokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = vocab
        self.special_tokens = special_tokens
        self.index = {b: i for i, b in vocab.items()}
        self.merges = {(self.index[a], self.index[b]): self.index[a + b] for a, b in merges}

    def encode(self, text):
        tokens = []
        for section in separate(text, self.special_tokens):
            if section in self.special_tokens:
                tokens.append(self.index[section.encode("utf-8")])
                continue
            ids = list(section.encode("utf-8"))
            while len(ids) >= 2:
                pair = min(get_stats(ids), key=lambda p: self.merges.get(p, float("inf")))
                if pair not in self.merges:
                    break
                ids = merge(ids, pair, self.merges[pair])
            tokens.extend(ids)
        return tokens

    def decode(self, ids):
        return b"".join(self.vocab[idx] for idx in ids).decode("utf-8", errors="replace")
