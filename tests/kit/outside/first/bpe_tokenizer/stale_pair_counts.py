# MISTAKE: The pair counts are updated incrementally but the pairs broken by a merge are never lowered, only the new pairs are added; right is that every count is the number of present positions.
from collections import Counter, defaultdict

import regex as re

GPT2_SPLIT_PATTERN = r"""'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"""


def to_bytes(piece):
    return [bytes([b]) for b in piece.encode("utf-8")]


def chop(text, special_tokens):
    if not special_tokens:
        return [(False, text)]
    rx = "|".join(re.escape(s) for s in sorted(special_tokens, key=len, reverse=True))
    out, last = [], 0
    for m in re.finditer(rx, text):
        out.append((False, text[last:m.start()]))
        out.append((True, m.group()))
        last = m.end()
    out.append((False, text[last:]))
    return out


def train_bpe(text, vocab_size, special_tokens=()):
    if vocab_size < 256 + len(special_tokens):
        raise ValueError(f"vocab_size must be >= {256 + len(special_tokens)}")
    freq = Counter()
    for special, part in chop(text, special_tokens):
        if not special:
            freq.update(re.findall(GPT2_SPLIT_PATTERN, part))
    words = [(to_bytes(w), n) for w, n in freq.items()]
    counts = defaultdict(int)
    for w, n in words:
        for pair in zip(w, w[1:]):
            counts[pair] += n

    merges = []
    while len(merges) < vocab_size - 256 - len(special_tokens) and counts:
        best = max(counts, key=lambda p: (counts[p], p))
        del counts[best]
        new = best[0] + best[1]
        merges.append(best)
        for w, n in words:
            i = 0
            while i < len(w) - 1:
                if (w[i], w[i + 1]) == best:
                    w[i:i + 2] = [new]
                    if i > 0:
                        counts[w[i - 1], new] += n
                    if i + 1 < len(w):
                        counts[new, w[i + 1]] += n
                i += 1

    vocab = {i: bytes([i]) for i in range(256)}
    vocab.update({256 + i: a + b for i, (a, b) in enumerate(merges)})
    for s in special_tokens:
        vocab[len(vocab)] = s.encode("utf-8")
    return vocab, merges


class BPETokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = vocab
        self.special_tokens = special_tokens
        self.rank = {pair: i for i, pair in enumerate(merges)}
        self.special = {s: len(vocab) - len(special_tokens) + i for i, s in enumerate(special_tokens)}
        self.ids = {b: i for i, b in reversed(list(vocab.items()))}

    def encode(self, text):
        result = []
        for special, part in chop(text, self.special_tokens):
            if special:
                result.append(self.special[part])
                continue
            for piece in re.findall(GPT2_SPLIT_PATTERN, part):
                w = to_bytes(piece)
                while True:
                    known = [(self.rank[p], i) for i, p in enumerate(zip(w, w[1:])) if p in self.rank]
                    if not known:
                        break
                    _, i = min(known)
                    w[i:i + 2] = [w[i] + w[i + 1]]
                result.extend(self.ids[t] for t in w)
        return result

    def decode(self, ids):
        data = bytearray()
        for i in ids:
            data += self.vocab[i]
        return data.decode("utf-8", errors="replace")
