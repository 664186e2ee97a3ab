import heapq
from collections import Counter, defaultdict

import regex

GPT2_SPLIT_PATTERN = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"

_piece = regex.compile(GPT2_SPLIT_PATTERN)


class _Descending:
    __slots__ = ("pair",)

    def __init__(self, pair):
        self.pair = pair

    def __lt__(self, other):
        return self.pair > other.pair


def _segments(text, specials):
    """Yields (is_special, string)."""
    if not specials:
        if text:
            yield False, text
        return
    finder = regex.compile("|".join(map(regex.escape, sorted(specials, key=len, reverse=True))))
    at = 0
    for m in finder.finditer(text):
        if m.start() > at:
            yield False, text[at:m.start()]
        yield True, m.group()
        at = m.end()
    if at < len(text):
        yield False, text[at:]


def train_bpe(text, vocab_size, special_tokens=()):
    assert vocab_size >= 256 + len(special_tokens), "vocabulary does not hold bytes and special tokens"
    freq = Counter()
    for special, seg in _segments(text, special_tokens):
        if not special:
            freq.update(m.group() for m in _piece.finditer(seg))

    words = [[bytes((b,)) for b in w.encode()] for w in freq]
    weight = list(freq.values())
    count = defaultdict(int)
    where = defaultdict(set)
    for k, word in enumerate(words):
        for pair in zip(word, word[1:]):
            count[pair] += weight[k]
            where[pair].add(k)
    heap = [(-c, _Descending(p)) for p, c in count.items()]
    heapq.heapify(heap)

    merges = []
    budget = vocab_size - 256 - len(special_tokens)
    while heap and len(merges) < budget:
        neg, d = heapq.heappop(heap)
        pair = d.pair
        if count.get(pair, 0) != -neg:
            continue
        merges.append(pair)
        left, right = pair
        touched = set()
        for k in list(where[pair]):
            old = words[k]
            new, i = [], 0
            while i < len(old):
                if i + 1 < len(old) and old[i] == left and old[i + 1] == right:
                    new.append(left + right)
                    i += 2
                else:
                    new.append(old[i])
                    i += 1
            for p in zip(old, old[1:]):
                count[p] -= weight[k]
                where[p].discard(k)
                touched.add(p)
            for p in zip(new, new[1:]):
                count[p] += weight[k]
                where[p].add(k)
                touched.add(p)
            words[k] = new
        for p in touched:
            if count[p] > 0:
                heapq.heappush(heap, (-count[p], _Descending(p)))
            else:
                del count[p]

    tokens = [bytes((b,)) for b in range(256)] + [a + b for a, b in merges] + [s.encode() for s in special_tokens]
    return dict(enumerate(tokens)), merges


class BPETokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self._bytes_of = dict(vocab)
        self._id_of = {}
        self._special_id = {}
        for i in sorted(self._bytes_of):
            self._id_of.setdefault(self._bytes_of[i], i)
            self._special_id[self._bytes_of[i]] = i
        self._rank = {pair: r for r, pair in enumerate(merges)}
        self._specials = tuple(special_tokens)

    def _merge_piece(self, data):
        n = len(data)
        tok = [data[i:i + 1] for i in range(n)]
        nxt = list(range(1, n + 1))
        prv = list(range(-1, n - 1))
        alive = [True] * n
        queue = []

        def offer(i):
            j = nxt[i]
            if j < n:
                r = self._rank.get((tok[i], tok[j]))
                if r is not None:
                    heapq.heappush(queue, (r, i, tok[i], tok[j]))

        for i in range(n):
            offer(i)
        while queue:
            _, i, a, b = heapq.heappop(queue)
            if not alive[i] or tok[i] != a or nxt[i] >= n or tok[nxt[i]] != b:
                continue
            j = nxt[i]
            tok[i] = a + b
            alive[j] = False
            nxt[i] = nxt[j]
            if nxt[j] < n:
                prv[nxt[j]] = i
            if prv[i] >= 0:
                offer(prv[i])
            offer(i)
        return [self._id_of[tok[i]] for i in range(n) if alive[i]]

    def encode(self, text):
        out = []
        for special, seg in _segments(text, self._specials):
            if special:
                out.append(self._special_id[seg.encode()])
                continue
            for m in _piece.finditer(seg):
                out += self._merge_piece(m.group().encode())
        return out

    def decode(self, ids):
        buffer = bytearray()
        for i in ids:
            buffer += self._bytes_of[i]
        return buffer.decode("utf-8", "replace")
