import heapq
from collections import defaultdict
import regex

GPT2_SPLIT_PATTERN = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"


class PairIndex:
    def __init__(self):
        self.words, self.weights = [], []
        self.count = defaultdict(int)
        self.where = defaultdict(set)
        self.heap = []

    def add_word(self, data, weight):
        k = len(self.words)
        word = [data[i:i + 1] for i in range(len(data))]
        self.words.append(word)
        self.weights.append(weight)
        for p in zip(word, word[1:]):
            self.count[p] += weight
            self.where[p].add(k)

    def build(self):
        self.heap = [(-n, p) for p, n in self.count.items()]
        heapq.heapify(self.heap)

    def pop_best(self):
        while self.heap:
            n, pair = heapq.heappop(self.heap)
            if self.count.get(pair, 0) == -n:
                return pair
        return None

    def merge(self, pair):
        a, b = pair
        changed = set()
        for k in tuple(self.where[pair]):
            before, after, i = self.words[k], [], 0
            while i < len(before):
                if before[i] == a and before[i + 1:i + 2] == [b]:
                    after.append(a + b)
                    i += 2
                else:
                    after.append(before[i])
                    i += 1
            for p in zip(before, before[1:]):
                self.count[p] -= self.weights[k]
                self.where[p].discard(k)
                changed.add(p)
            for p in zip(after, after[1:]):
                self.count[p] += self.weights[k]
                self.where[p].add(k)
                changed.add(p)
            self.words[k] = after
        for p in changed:
            if self.count[p]:
                heapq.heappush(self.heap, (-self.count[p], p))
            else:
                del self.count[p]


def _parts(text, specials):
    if not specials:
        return [text]
    return regex.split("(" + "|".join(regex.escape(s) for s in sorted(specials, key=len, reverse=True)) + ")", text)


def train_bpe(text, vocab_size, special_tokens=()):
    assert vocab_size >= 256 + len(special_tokens)
    freq = defaultdict(int)
    for part in _parts(text, special_tokens):
        if part not in special_tokens:
            for piece in regex.findall(GPT2_SPLIT_PATTERN, part):
                freq[piece.encode("utf-8")] += 1
    index = PairIndex()
    for data, n in freq.items():
        index.add_word(data, n)
    index.build()
    merges = []
    while len(merges) < vocab_size - 256 - len(special_tokens):
        pair = index.pop_best()
        if pair is None:
            break
        merges.append(pair)
        index.merge(pair)
    vocab = {i: bytes([i]) for i in range(256)}
    for a, b in merges:
        vocab[len(vocab)] = a + b
    for s in special_tokens:
        vocab[len(vocab)] = s.encode("utf-8")
    return vocab, merges


class BPETokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = vocab
        self.ids = {b: i for i, b in vocab.items()}
        self.rank = {m: r for r, m in enumerate(merges)}
        self.special_tokens = list(special_tokens)

    def _bpe(self, data):
        parts = [data[i:i + 1] for i in range(len(data))]
        while len(parts) > 1:
            r, i = min((self.rank.get((parts[i], parts[i + 1]), 1 << 60), i) for i in range(len(parts) - 1))
            if r == 1 << 60:
                break
            parts[i:i + 2] = [parts[i] + parts[i + 1]]
        return parts

    def encode(self, text):
        out = []
        for part in _parts(text, self.special_tokens):
            if part in self.special_tokens:
                out.append(self.ids[part.encode("utf-8")])
            else:
                for piece in regex.findall(GPT2_SPLIT_PATTERN, part):
                    out.extend(self.ids[t] for t in self._bpe(piece.encode("utf-8")))
        return out

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace")
