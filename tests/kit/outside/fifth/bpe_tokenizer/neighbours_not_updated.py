import regex as re
from collections import defaultdict

GPT2_SPLIT_PATTERN = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"


def iter_parts(text, special_tokens):
    if special_tokens:
        toks = sorted(special_tokens, key=len, reverse=True)
        yield from re.split("(" + "|".join(re.escape(t) for t in toks) + ")", text)
    else:
        yield text


def train_bpe(text, vocab_size, special_tokens=()):
    if vocab_size < 256 + len(special_tokens):
        raise ValueError("vocab_size too small")

    word_freq = defaultdict(int)
    for part in iter_parts(text, special_tokens):
        if part in special_tokens:
            continue
        for m in re.finditer(GPT2_SPLIT_PATTERN, part):
            word_freq[tuple(bytes([b]) for b in m.group().encode("utf-8"))] += 1

    words = list(word_freq.items())
    pair_freq = defaultdict(int)
    for w, f in words:
        for p in zip(w, w[1:]):
            pair_freq[p] += f

    vocab = {i: bytes([i]) for i in range(256)}
    merges = []
    while len(vocab) < vocab_size - len(special_tokens) and pair_freq:
        best = max(pair_freq, key=lambda p: (pair_freq[p], p))
        merged = best[0] + best[1]
        vocab[len(vocab)] = merged
        merges.append(best)
        del pair_freq[best]
        for k, (w, f) in enumerate(words):
            if best not in zip(w, w[1:]):
                continue
            new = []
            i = 0
            while i < len(w):
                if i < len(w) - 1 and (w[i], w[i + 1]) == best:
                    new.append(merged)
                    i += 2
                else:
                    new.append(w[i])
                    i += 1
            for p in zip(new, new[1:]):
                if merged in p:
                    pair_freq[p] += f
            words[k] = (tuple(new), f)

    for t in special_tokens:
        vocab[len(vocab)] = t.encode("utf-8")
    return vocab, merges


class BPETokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = vocab
        self.reverse = {v: k for k, v in vocab.items()}
        self.rank = {m: i for i, m in enumerate(merges)}
        self.special_tokens = tuple(special_tokens)

    def encode(self, text):
        out = []
        for part in iter_parts(text, self.special_tokens):
            if part in self.special_tokens:
                out.append(self.reverse[part.encode("utf-8")])
                continue
            for m in re.finditer(GPT2_SPLIT_PATTERN, part):
                w = [bytes([b]) for b in m.group().encode("utf-8")]
                while len(w) > 1:
                    r = [self.rank.get(p, float("inf")) for p in zip(w, w[1:])]
                    i = r.index(min(r))
                    if r[i] == float("inf"):
                        break
                    w[i:i + 2] = [w[i] + w[i + 1]]
                out.extend(self.reverse[t] for t in w)
        return out

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace")
