from collections import Counter
import regex as re

GPT2_SPLIT_PATTERN = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"


def byte_alphabet():
    bs = [*range(33, 127), *range(161, 173), *range(174, 256)]
    return bs + [b for b in range(256) if b not in bs]


def isolate(text, special_tokens):
    if not special_tokens:
        return [text]
    return re.split("(" + "|".join(re.escape(t) for t in sorted(special_tokens, key=len, reverse=True)) + ")", text)


def train_bpe(text, vocab_size, special_tokens=()):
    if vocab_size < 256 + len(special_tokens):
        raise ValueError("vocab_size")
    vocab = {i: bytes([b]) for i, b in enumerate(byte_alphabet())}
    corpus = Counter()
    for part in isolate(text, special_tokens):
        if part not in special_tokens:
            for piece in re.findall(GPT2_SPLIT_PATTERN, part):
                corpus[tuple(bytes([b]) for b in piece.encode("utf-8"))] += 1
    merges = []
    while len(vocab) + len(special_tokens) < vocab_size:
        pairs = Counter()
        for word, n in corpus.items():
            for i in range(1, len(word)):
                pairs[word[i - 1:i + 1]] += n
        if not pairs:
            break
        best = max(pairs, key=lambda p: (pairs[p], p))
        merges.append(best)
        vocab[len(vocab)] = b"".join(best)
        updated = Counter()
        for word, n in corpus.items():
            out, i = [], 0
            while i < len(word):
                if word[i:i + 2] == best:
                    out.append(b"".join(best))
                    i += 2
                else:
                    out.append(word[i])
                    i += 1
            updated[tuple(out)] = n
        corpus = updated
    for t in special_tokens:
        vocab[len(vocab)] = t.encode("utf-8")
    return vocab, merges


class BPETokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.decoder = dict(vocab)
        self.encoder = {t: i for i, t in vocab.items()}
        self.bpe_ranks = dict(zip(map(tuple, merges), range(len(merges))))
        self.special_tokens = special_tokens
        self.cache = {}

    def bpe(self, token):
        if token in self.cache:
            return self.cache[token]
        word = tuple(bytes([b]) for b in token.encode("utf-8"))
        while len(word) > 1:
            pairs = set(zip(word, word[1:]))
            first, second = min(pairs, key=lambda p: self.bpe_ranks.get(p, float("inf")))
            if (first, second) not in self.bpe_ranks:
                break
            new, i = [], 0
            while i < len(word):
                if word[i:i + 2] == (first, second):
                    new.append(first + second)
                    i += 2
                else:
                    new.append(word[i])
                    i += 1
            word = tuple(new)
        self.cache[token] = word
        return word

    def encode(self, text):
        ids = []
        for part in isolate(text, self.special_tokens):
            if part in self.special_tokens:
                ids.append(self.encoder[part.encode("utf-8")])
            else:
                ids.extend(self.encoder[t] for piece in re.findall(GPT2_SPLIT_PATTERN, part) for t in self.bpe(piece))
        return ids

    def decode(self, ids):
        return b"".join([self.decoder[i] for i in ids]).decode("utf-8", errors="replace")
