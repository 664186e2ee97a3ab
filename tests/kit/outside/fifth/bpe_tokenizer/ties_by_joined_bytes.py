from collections import Counter
from functools import reduce
from itertools import chain
import regex as R

GPT2_SPLIT_PATTERN = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"

pieces = lambda s: R.findall(GPT2_SPLIT_PATTERN, s)
singles = lambda s: tuple(map(lambda b: bytes((b,)), s.encode()))
cut = lambda s, sp: R.split("(" + "|".join(R.escape(t) for t in sorted(sp, key=len, reverse=True)) + ")", s) if sp else [s]


def glue(word, pair):
    def add(state, tok):
        done, hold = state
        if hold is None:
            return done, tok
        if (hold, tok) == pair:
            return done + (hold + tok,), None
        return done + (hold,), tok
    done, hold = reduce(add, word, ((), None))
    return done if hold is None else done + (hold,)


def train_bpe(text, vocab_size, special_tokens=()):
    room = vocab_size - 256 - len(special_tokens)
    if room < 0:
        raise ValueError("vocab_size too small")
    words = Counter(map(singles, chain.from_iterable(pieces(p) for p in cut(text, special_tokens) if p not in special_tokens)))
    merges = []
    for _ in range(room):
        c = Counter()
        for w, n in words.items():
            for p in zip(w, w[1:]):
                c[p] += n
        if not c:
            break
        best = max(c, key=lambda p: (c[p], b"".join(p)))
        merges.append(best)
        words = Counter({glue(w, best): n for w, n in words.items()})
    return dict(enumerate([bytes((b,)) for b in range(256)] + [a + b for a, b in merges] + [s.encode() for s in special_tokens])), merges


class BPETokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.v, self.m, self.s = vocab, list(merges), tuple(special_tokens)
        self.i = {b: i for i, b in vocab.items()}
        self.rank = {m: k for k, m in enumerate(merges)}

    def word(self, w):
        best = min(zip(w, w[1:]), key=lambda p: self.rank.get(p, len(self.rank)), default=None)
        return self.word(glue(w, best)) if best in self.rank else w

    def encode(self, text):
        return [self.i[t] for p in cut(text, self.s)
                for t in ([p.encode()] if p in self.s else chain.from_iterable(self.word(singles(w)) for w in pieces(p)))]

    def decode(self, ids):
        return b"".join(map(self.v.__getitem__, ids)).decode("utf-8", "replace")
