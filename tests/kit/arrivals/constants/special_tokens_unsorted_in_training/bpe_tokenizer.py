import regex as re
from collections import Counter

PAT = r"""'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"""


def merge(seq, pair):
    out, i = [], 0
    while i < len(seq):
        if i + 1 < len(seq) and (seq[i], seq[i + 1]) == pair:
            out.append(seq[i] + seq[i + 1])
            i += 2
        else:
            out.append(seq[i])
            i += 1
    return tuple(out)


def train_bpe(text, vocab_size, special_tokens=()):
    if vocab_size < 256 + len(special_tokens):
        raise ValueError("vocab_size")
    special_tokens = list(special_tokens)
    chunks = re.split("|".join(re.escape(s) for s in special_tokens), text) if special_tokens else [text]
    words = Counter()
    for chunk in chunks:
        for m in re.finditer(PAT, chunk):
            words[tuple(bytes([b]) for b in m.group().encode("utf-8"))] += 1
    merges = []
    while 256 + len(merges) + len(special_tokens) < vocab_size:
        pairs = Counter()
        for w, n in words.items():
            for p in zip(w, w[1:]):
                pairs[p] += n
        if not pairs:
            break
        best = max(pairs, key=lambda p: (pairs[p], p))
        pass
        merges.append(best)
        new = Counter()
        for w, n in words.items():
            new[merge(w, best)] += n
        words = new
    vocab = {i: bytes([i]) for i in range(256)}
    for a, b in merges:
        vocab[len(vocab)] = a + b
    for s in special_tokens:
        vocab[len(vocab)] = s.encode("utf-8")
    return vocab, merges


class BPETokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = dict(vocab)
        self.rank = {p: i for i, p in enumerate(merges)}
        n = 256 + len(merges)
        self.ids = {t: i for i, t in vocab.items() if i < n}
        self.special = {t.decode("utf-8"): i for i, t in vocab.items() if i >= n}
        self.tokens = [s for s in special_tokens]

    def _piece(self, piece):
        w = tuple(bytes([b]) for b in piece.encode("utf-8"))
        while len(w) > 1:
            p = min(zip(w, w[1:]), key=lambda p: self.rank.get(p, float("inf")))
            if p not in self.rank:
                break
            w = merge(w, p)
        return [self.ids[t] for t in w]

    def encode(self, text):
        out = []
        special_tokens = self.tokens
        chunks = (
            re.split("(" + "|".join(re.escape(s) for s in sorted(special_tokens, key=len, reverse=True)) + ")", text)
            if special_tokens
            else [text]
        )
        for chunk in chunks:
            if chunk in self.tokens:
                out.append(self.special[chunk])
            else:
                for m in re.findall(PAT, chunk):
                    out += self._piece(m)
        return out

    def decode(self, ids):
        return b"".join([self.vocab[i] for i in ids]).decode("utf-8", "replace")
