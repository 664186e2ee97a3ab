from functools import lru_cache
from collections import Counter
import regex as re

GPT2_SPLIT_PATTERN = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"


@lru_cache()
def bytes_to_unicode():
    bs = list(range(ord("!"), ord("~") + 1)) + list(range(ord("¡"), ord("¬") + 1)) + list(range(ord("®"), ord("ÿ") + 1))
    cs = bs[:]
    n = 0
    for b in range(2**8):
        if b not in bs:
            bs.append(b)
            cs.append(2**8 + n)
            n += 1
    return dict(zip(bs, map(chr, cs)))


BYTE_ENCODER = bytes_to_unicode()
BYTE_DECODER = {c: b for b, c in BYTE_ENCODER.items()}


def to_symbols(piece):
    return tuple(BYTE_ENCODER[b] for b in piece.encode("utf-8"))


def to_bytes(symbol):
    return bytes(BYTE_DECODER[c] for c in symbol)


def merge_symbols(word, first, second):
    new_word = []
    i = 0
    while i < len(word):
        try:
            j = word.index(first, i)
        except ValueError:
            new_word.extend(word[i:])
            break
        new_word.extend(word[i:j])
        i = j
        if i < len(word) - 1 and word[i + 1] == second:
            new_word.append(first + second)
            i += 2
        else:
            new_word.append(word[i])
            i += 1
    return tuple(new_word)


def split_on_special(text, special_tokens):
    if not special_tokens:
        return [text]
    pat = "|".join(re.escape(t) for t in sorted(special_tokens, key=len, reverse=True))
    return re.split(f"({pat})", text)


def train_bpe(text, vocab_size, special_tokens=()):
    if vocab_size < 256 + len(special_tokens):
        raise ValueError("vocab_size")
    word_freqs = Counter()
    for part in split_on_special(text, special_tokens):
        if part not in special_tokens:
            word_freqs.update(map(to_symbols, re.findall(GPT2_SPLIT_PATTERN, part)))
    merges = []
    while len(merges) < vocab_size - 256 - len(special_tokens):
        pair_freqs = Counter()
        for word, freq in word_freqs.items():
            for i in range(len(word) - 1):
                pair_freqs[word[i], word[i + 1]] += freq
        if not pair_freqs:
            break
        best = max(pair_freqs.items(), key=lambda kv: (kv[1], kv[0]))[0]
        word_freqs = Counter({merge_symbols(w, *best): f for w, f in word_freqs.items()})
        merges.append((to_bytes(best[0]), to_bytes(best[1])))
    vocab = {i: bytes([i]) for i in range(256)}
    vocab.update({256 + i: a + b for i, (a, b) in enumerate(merges)})
    vocab.update({256 + len(merges) + i: t.encode("utf-8") for i, t in enumerate(special_tokens)})
    return vocab, merges


class BPETokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.decoder = vocab
        self.encoder = {v: k for k, v in vocab.items()}
        rank = lambda t: "".join(BYTE_ENCODER[b] for b in t)
        self.bpe_ranks = {(rank(a), rank(b)): i for i, (a, b) in enumerate(merges)}
        self.special_tokens = list(special_tokens)

    def bpe(self, piece):
        word = to_symbols(piece)
        while len(word) > 1:
            bigram = min(zip(word, word[1:]), key=lambda pair: self.bpe_ranks.get(pair, float("inf")))
            if bigram not in self.bpe_ranks:
                break
            word = merge_symbols(word, *bigram)
        return word

    def encode(self, text):
        bpe_tokens = []
        for part in split_on_special(text, self.special_tokens):
            if part in self.special_tokens:
                bpe_tokens.append(self.encoder[part.encode("utf-8")])
                continue
            for piece in re.findall(GPT2_SPLIT_PATTERN, part):
                bpe_tokens.extend(self.encoder[to_bytes(s)] for s in self.bpe(piece))
        return bpe_tokens

    def decode(self, ids):
        return b"".join(self.decoder[i] for i in ids).decode("utf-8", errors="replace")
