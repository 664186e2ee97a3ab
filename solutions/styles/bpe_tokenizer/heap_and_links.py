"""A priority queue with stale entries, and links between neighbors: fast, because it never recounts."""

import heapq
import itertools
from collections import Counter, defaultdict

import regex

GPT2_SPLIT_PATTERN = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"


class _Reversed:
    """Orders pairs in reverse, because a heap gives you its smallest item first."""

    __slots__ = ("pair",)

    def __init__(self, pair):
        self.pair = pair

    def __lt__(self, other):
        return self.pair > other.pair

    def __eq__(self, other):
        return self.pair == other.pair


def _special_pattern(special_tokens):
    return regex.compile("|".join(map(regex.escape, sorted(special_tokens, key=len)[::-1])))


def train_bpe(text: str, vocab_size: int, special_tokens=()):
    room = vocab_size - 256 - len(special_tokens)
    if room < 0:
        raise ValueError(f"{vocab_size} ids are too few")
    parts = _special_pattern(special_tokens).split(text) if special_tokens else [text]
    words = Counter(piece for part in parts for piece in regex.findall(GPT2_SPLIT_PATTERN, part))

    # All positions of all distinct words are in one list; next_ and prev are links, weight is the word's count.
    token, next_, prev, weight = [], [], [], []
    for word, count in words.items():
        data = word.encode()
        base = len(token)
        for i, value in enumerate(data):
            token.append(bytes([value]))
            prev.append(base + i - 1 if i else -1)
            next_.append(base + i + 1 if i + 1 < len(data) else -1)
            weight.append(count)
    counts = Counter()
    where = defaultdict(set)
    for i, after in enumerate(next_):
        if after >= 0:
            counts[token[i], token[after]] += weight[i]
            where[token[i], token[after]].add(i)
    heap = [(-count, _Reversed(pair)) for pair, count in counts.items()]
    heapq.heapify(heap)

    def change(i, sign):
        pair = token[i], token[next_[i]]
        counts[pair] += sign * weight[i]
        (where[pair].add if sign > 0 else where[pair].discard)(i)
        touched.add(pair)

    merges = []
    while heap and len(merges) < room:
        count, reversed_pair = heapq.heappop(heap)
        pair = reversed_pair.pair
        if counts[pair] != -count or not counts[pair]:
            continue
        merges.append(pair)
        touched = set()
        for i in sorted(where[pair]):
            after = next_[i]
            if token[i] != pair[0] or after < 0 or token[after] != pair[1]:
                continue
            change(i, -1)
            if prev[i] >= 0:
                change(prev[i], -1)
            if next_[after] >= 0:
                change(after, -1)
            token[i], token[after] = pair[0] + pair[1], None
            next_[i] = next_[after]
            if next_[i] >= 0:
                prev[next_[i]] = i
                change(i, +1)
            if prev[i] >= 0:
                change(prev[i], +1)
        for changed in touched:
            if counts[changed] > 0:
                heapq.heappush(heap, (-counts[changed], _Reversed(changed)))

    tokens = [bytes([i]) for i in range(256)] + [a + b for a, b in merges] + [t.encode() for t in special_tokens]
    return {i: t for i, t in enumerate(tokens)}, merges


class BPETokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = {**vocab}
        self.rank = {pair: rank for rank, pair in enumerate(merges)}
        self.id_of = {}
        for i, token in vocab.items():
            if i < 256 + len(merges):
                self.id_of[token] = i
        self.special = {}
        for i, token in vocab.items():
            if i >= 256 + len(merges) and token.decode() in special_tokens:
                self.special[token.decode()] = i
        self.pattern = _special_pattern(self.special) if self.special else None

    def _piece(self, data):
        parts = [data[i : i + 1] for i in range(len(data))]
        alive = [*list(range(1, len(parts))), -1]
        heap = [(self.rank[a, b], i) for i, (a, b) in enumerate(itertools.pairwise(parts)) if (a, b) in self.rank]
        heapq.heapify(heap)
        while heap:
            rank, i = heapq.heappop(heap)
            j = alive[i]
            if parts[i] is None or j < 0 or self.rank.get((parts[i], parts[j])) != rank:
                continue
            parts[i], parts[j] = parts[i] + parts[j], None
            alive[i] = alive[j]
            if alive[i] >= 0 and (parts[i], parts[alive[i]]) in self.rank:
                heapq.heappush(heap, (self.rank[parts[i], parts[alive[i]]], i))
            before = next((k for k in range(i - 1, -1, -1) if parts[k] is not None), -1)
            if before >= 0 and (parts[before], parts[i]) in self.rank:
                heapq.heappush(heap, (self.rank[parts[before], parts[i]], before))
        return [self.id_of[part] for part in parts if part is not None]

    def _ordinary(self, text):
        return [i for piece in regex.findall(GPT2_SPLIT_PATTERN, text) for i in self._piece(piece.encode())]

    def encode(self, text):
        ids, start = [], 0
        for match in self.pattern.finditer(text) if self.pattern else ():
            ids += self._ordinary(text[start : match.start()])
            ids.append(self.special[match.group()])
            start = match.end()
        return ids + self._ordinary(text[start:])

    def decode(self, ids):
        return b"".join(map(self.vocab.__getitem__, ids)).decode(errors="replace")
