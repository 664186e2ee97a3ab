import re
from collections import Counter

GPT2_SPLIT_PATTERN = r"'(?:[sdmt]|ll|ve|re)| ?[^\W\d_]+| ?\d+| ?[^\s\w]+|\s+(?!\S)|\s+"


def segments(text, special_tokens):
    if not special_tokens:
        return [text]
    names = sorted(special_tokens, key=len, reverse=True)
    return re.split("(" + "|".join(re.escape(n) for n in names) + ")", text)


def to_bytes(piece):
    return [bytes([b]) for b in piece.encode("utf-8")]


def merge(word, pair):
    i = 0
    out = []
    while i < len(word):
        if i + 1 < len(word) and word[i] == pair[0] and word[i + 1] == pair[1]:
            out.append(word[i] + word[i + 1])
            i += 2
        else:
            out.append(word[i])
            i += 1
    return out


def train_bpe(text, vocab_size, special_tokens=()):
    if vocab_size < 256 + len(special_tokens):
        raise ValueError("vocab_size")
    freq = Counter()
    for seg in segments(text, special_tokens):
        if seg not in special_tokens:
            freq.update(re.findall(GPT2_SPLIT_PATTERN, seg))
    words = {piece: to_bytes(piece) for piece in freq}
    merges = []
    for _ in range(vocab_size - 256 - len(special_tokens)):
        pairs = Counter()
        for piece, word in words.items():
            for pair in zip(word, word[1:]):
                pairs[pair] += freq[piece]
        if not pairs:
            break
        best, n = None, 0
        for pair, k in pairs.items():
            if (k, pair) > (n, best or (b"", b"")):
                best, n = pair, k
        merges.append(best)
        words = {piece: merge(word, best) for piece, word in words.items()}
    vocab = {}
    for t in to_ordered(merges, special_tokens):
        vocab[len(vocab)] = t
    return vocab, merges


def to_ordered(merges, special_tokens):
    for b in range(256):
        yield bytes([b])
    for left, right in merges:
        yield left + right
    for token in special_tokens:
        yield token.encode("utf-8")


class BPETokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = vocab
        self.ids = {t: i for i, t in vocab.items()}
        self.merges = list(merges)
        self.special_tokens = list(special_tokens)

    def encode(self, text):
        out = []
        for seg in segments(text, self.special_tokens):
            if seg in self.special_tokens:
                out.append(self.ids[seg.encode("utf-8")])
                continue
            for piece in re.findall(GPT2_SPLIT_PATTERN, seg):
                word = to_bytes(piece)
                for pair in self.merges:
                    word = merge(word, pair)
                out.extend(self.ids[t] for t in word)
        return out

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace")
