from collections import Counter, OrderedDict
import regex as re

GPT2_SPLIT_PATTERN = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"


def split_special(text, special_tokens):
    special_tokens = sorted(special_tokens, key=len, reverse=True)
    if not special_tokens:
        return [text]
    return [p for p in re.split(f"({'|'.join(special_tokens)})", text) if p]


def train_bpe(text, vocab_size, special_tokens=()):
    n = vocab_size - 256 - len(special_tokens)
    if n < 0:
        raise ValueError("vocab_size too small")
    table = Counter()
    for part in split_special(text, special_tokens):
        if part not in special_tokens:
            table.update(re.findall(GPT2_SPLIT_PATTERN, part))
    words = [(tuple(bytes([b]) for b in w.encode("utf-8")), c) for w, c in table.items()]
    merges = OrderedDict()
    while len(merges) < n:
        pairs = Counter()
        for w, c in words:
            for p in zip(w, w[1:]):
                pairs.update({p: c})
        if not pairs:
            break
        best = max(pairs, key=lambda p: (pairs[p], p))
        merges[best] = 256 + len(merges)
        words = [(replace(w, best), c) for w, c in words]
    vocab = {i: bytes([i]) for i in range(256)}
    for (a, b), i in merges.items():
        vocab[i] = a + b
    for t in special_tokens:
        vocab[len(vocab)] = t.encode("utf-8")
    return vocab, list(merges)


def replace(word, pair):
    result = []
    for t in word:
        result.append(t)
        if len(result) > 1 and (result[-2], result[-1]) == pair:
            result[-2:] = [result[-2] + result[-1]]
    return tuple(result)


class BPETokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = vocab
        self.rev = dict(map(reversed, vocab.items()))
        self.merges = merges
        self.special_tokens = special_tokens

    def encode(self, text):
        ids = []
        for part in split_special(text, self.special_tokens):
            if part in self.special_tokens:
                ids.append(self.rev[part.encode("utf-8")])
                continue
            for w in re.findall(GPT2_SPLIT_PATTERN, part):
                word = tuple(bytes([b]) for b in w.encode("utf-8"))
                for pair in self.merges:
                    word = replace(word, pair)
                ids.extend(map(self.rev.__getitem__, word))
        return ids

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace")
