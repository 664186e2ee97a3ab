# MISTAKE: Each token is decoded to text by itself, so a character split over several tokens becomes replacement characters; right is to join the bytes first.
from collections import defaultdict
from typing import Sequence

import regex as re

GPT2_SPLIT_PATTERN = r"""'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"""
_PAT = re.compile(GPT2_SPLIT_PATTERN)


def _special_regex(special_tokens):
    longest_first = sorted(special_tokens, key=lambda s: -len(s))
    return re.compile("|".join(map(re.escape, longest_first)))


def train_bpe(text: str, vocab_size: int, special_tokens: Sequence[str] = ()):
    special_tokens = list(special_tokens)
    if vocab_size < 256 + len(special_tokens):
        raise ValueError("vocab_size must be at least 256 + number of special tokens")

    docs = _special_regex(special_tokens).split(text) if special_tokens else [text]
    freq = defaultdict(int)
    for doc in docs:
        for m in _PAT.finditer(doc):
            freq[tuple(bytes([b]) for b in m.group().encode("utf-8"))] += 1

    words = [list(w) for w in freq]
    weights = list(freq.values())
    pair_count = defaultdict(int)
    where = defaultdict(set)
    for w_i, w in enumerate(words):
        for p in zip(w, w[1:]):
            pair_count[p] += weights[w_i]
            where[p].add(w_i)

    merges = []
    while 256 + len(merges) + len(special_tokens) < vocab_size and pair_count:
        best, best_count = max(pair_count.items(), key=lambda kv: (kv[1], kv[0]))
        merges.append(best)
        for w_i in list(where[best]):
            w = words[w_i]
            for p in zip(w, w[1:]):
                pair_count[p] -= weights[w_i]
                where[p].discard(w_i)
                if pair_count[p] == 0:
                    del pair_count[p]
            j = 0
            while j < len(w) - 1:
                if (w[j], w[j + 1]) == best:
                    w[j : j + 2] = [w[j] + w[j + 1]]
                j += 1
            for p in zip(w, w[1:]):
                pair_count[p] += weights[w_i]
                where[p].add(w_i)

    tokens = [bytes([i]) for i in range(256)]
    tokens += [a + b for a, b in merges]
    tokens += [s.encode("utf-8") for s in special_tokens]
    return dict(enumerate(tokens)), merges


class BPETokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.id_to_bytes = dict(vocab)
        self.special_tokens = list(special_tokens)
        n = len(vocab) - len(self.special_tokens)
        self.bytes_to_id = {b: i for i, b in vocab.items() if i < n}
        self.special_id = {b.decode("utf-8"): i for i, b in vocab.items() if i >= n}
        self.merge_rank = {p: r for r, p in enumerate(merges)}
        self.cache = {}

    def _word_ids(self, word):
        if word in self.cache:
            return self.cache[word]
        parts = [bytes([b]) for b in word.encode("utf-8")]
        while True:
            best_j, best_rank = None, None
            for j in range(len(parts) - 1):
                r = self.merge_rank.get((parts[j], parts[j + 1]))
                if r is not None and (best_rank is None or r < best_rank):
                    best_j, best_rank = j, r
            if best_j is None:
                break
            parts[best_j : best_j + 2] = [parts[best_j] + parts[best_j + 1]]
        result = [self.bytes_to_id[p] for p in parts]
        self.cache[word] = result
        return result

    def _encode_ordinary(self, text):
        out = []
        for m in _PAT.finditer(text):
            out += self._word_ids(m.group())
        return out

    def encode(self, text: str) -> list[int]:
        if not self.special_tokens:
            return self._encode_ordinary(text)
        out, pos = [], 0
        for m in _special_regex(self.special_tokens).finditer(text):
            out += self._encode_ordinary(text[pos : m.start()])
            out.append(self.special_id[m.group()])
            pos = m.end()
        return out + self._encode_ordinary(text[pos:])

    def decode(self, ids) -> str:
        return "".join(self.id_to_bytes[i].decode("utf-8", "replace") for i in ids)
