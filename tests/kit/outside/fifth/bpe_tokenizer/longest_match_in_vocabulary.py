import regex as re
from collections import Counter

GPT2_SPLIT_PATTERN = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"


class Trie:
    def __init__(self):
        self.root = {}

    def insert(self, token, number):
        node = self.root
        for byte in token:
            node = node.setdefault(byte, {})
        node[None] = number

    def match(self, data, start):
        node, best, end = self.root, None, start
        for i in range(start, len(data)):
            node = node.get(data[i])
            if node is None:
                break
            if None in node:
                best, end = node[None], i + 1
        return best, end


def _split(text, special_tokens):
    if not special_tokens:
        return [text]
    return re.split("(" + "|".join(map(re.escape, sorted(special_tokens, key=len, reverse=True))) + ")", text)


def train_bpe(text, vocab_size, special_tokens=()):
    if vocab_size < 256 + len(special_tokens):
        raise ValueError("vocab_size")
    words = Counter()
    for k, part in enumerate(_split(text, special_tokens)):
        if k % 2 == 0:
            words.update(tuple(p.encode("utf-8")) for p in re.findall(GPT2_SPLIT_PATTERN, part))
    vocab = {i: bytes([i]) for i in range(256)}
    merges = []
    while len(vocab) < vocab_size - len(special_tokens):
        pairs = Counter()
        for w, n in words.items():
            for p in zip(w, w[1:]):
                pairs[p] += n
        if not pairs:
            break
        a, b = max(pairs, key=lambda p: (pairs[p], vocab[p[0]], vocab[p[1]]))
        new = len(vocab)
        merges.append((vocab[a], vocab[b]))
        vocab[new] = vocab[a] + vocab[b]
        words = Counter({_merge(w, a, b, new): n for w, n in words.items()})
    for t in special_tokens:
        vocab[len(vocab)] = t.encode("utf-8")
    return vocab, merges


def _merge(w, a, b, new):
    out = []
    i = 0
    while i < len(w):
        if i + 1 < len(w) and w[i] == a and w[i + 1] == b:
            out.append(new)
            i += 2
        else:
            out.append(w[i])
            i += 1
    return tuple(out)


class BPETokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = vocab
        specials = {t.encode("utf-8"): t for t in special_tokens}
        self.special_ids = {}
        self.trie = Trie()
        for number, token in vocab.items():
            if token in specials:
                self.special_ids[specials[token]] = number
            else:
                self.trie.insert(token, number)

    def encode(self, text):
        ids = []
        for part in _split(text, self.special_ids):
            if part in self.special_ids:
                ids.append(self.special_ids[part])
                continue
            for piece in re.findall(GPT2_SPLIT_PATTERN, part):
                data = piece.encode("utf-8")
                i = 0
                while i < len(data):
                    number, i = self.trie.match(data, i)
                    ids.append(number)
        return ids

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace")
