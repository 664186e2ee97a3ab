# MISTAKE: Ties between equally frequent pairs are broken by the pair of token ids (the greatest ids win); right is to compare the pairs of byte strings.
from collections import Counter

import regex as re

GPT2_SPLIT_PATTERN = r"""'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"""


def split_special(text, special_tokens):
    if not special_tokens:
        return [text]
    ordered = sorted(special_tokens, key=len, reverse=True)
    return re.split("(" + "|".join(re.escape(t) for t in ordered) + ")", text)


def merge_ids(ids, pair, new_id):
    out, i = [], 0
    while i < len(ids):
        if i + 1 < len(ids) and (ids[i], ids[i + 1]) == pair:
            out.append(new_id)
            i += 2
        else:
            out.append(ids[i])
            i += 1
    return out


def get_stats(chunks):
    counts = {}
    for ids, freq in chunks:
        for pair in zip(ids, ids[1:]):
            counts[pair] = counts.get(pair, 0) + freq
    return counts


def train_bpe(text, vocab_size, special_tokens=()):
    assert vocab_size >= 256 + len(special_tokens)
    words = Counter(
        piece
        for part in split_special(text, special_tokens) if part not in special_tokens
        for piece in re.findall(GPT2_SPLIT_PATTERN, part))
    chunks = [(list(word.encode("utf-8")), freq) for word, freq in words.items()]

    vocab = {i: bytes([i]) for i in range(256)}
    merges = []
    for new_id in range(256, vocab_size - len(special_tokens)):
        stats = get_stats(chunks)
        if not stats:
            break
        pair = max(stats, key=lambda p: (stats[p], p))
        merges.append((vocab[pair[0]], vocab[pair[1]]))
        vocab[new_id] = vocab[pair[0]] + vocab[pair[1]]
        chunks = [(merge_ids(ids, pair, new_id), freq) for ids, freq in chunks]

    for token in special_tokens:
        vocab[len(vocab)] = token.encode("utf-8")
    return vocab, merges


class BPETokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = dict(vocab)
        self.special_tokens = list(special_tokens)
        base = {self.vocab[i]: i for i in range(255, -1, -1)}
        self.pair_to_id = {}
        known = dict(base)
        for k, (left, right) in enumerate(merges):
            known.setdefault(left + right, 256 + k)
            self.pair_to_id.setdefault((known[left], known[right]), 256 + k)
        first = len(self.vocab) - len(self.special_tokens)
        self.special_ids = {t: first + k for k, t in enumerate(self.special_tokens)}

    def encode(self, text):
        out = []
        for part in split_special(text, self.special_tokens):
            if part in self.special_ids:
                out.append(self.special_ids[part])
                continue
            for piece in re.findall(GPT2_SPLIT_PATTERN, part):
                ids = list(piece.encode("utf-8"))
                while len(ids) >= 2:
                    pair = min(zip(ids, ids[1:]), key=lambda p: self.pair_to_id.get(p, float("inf")))
                    if pair not in self.pair_to_id:
                        break
                    ids = merge_ids(ids, pair, self.pair_to_id[pair])
                out.extend(ids)
        return out

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace")
