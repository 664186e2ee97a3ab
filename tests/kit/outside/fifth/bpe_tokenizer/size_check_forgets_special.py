import heapq
import regex
from collections import Counter, defaultdict

GPT2_SPLIT_PATTERN = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"

SPLIT = regex.compile(GPT2_SPLIT_PATTERN)


class Entry:
    def __init__(self, count, pair):
        self.count, self.pair = count, pair

    def __lt__(self, other):
        return (self.count, self.pair) > (other.count, other.pair)


def special_splitter(special_tokens):
    if not special_tokens:
        return lambda text: [text]
    rx = regex.compile("(" + "|".join(regex.escape(t) for t in sorted(special_tokens, key=len, reverse=True)) + ")")
    return rx.split


def train_bpe(text, vocab_size, special_tokens=()):
    if vocab_size < 256:
        raise ValueError("a byte-level vocabulary has at least 256 entries")
    pieces = Counter()
    for part in special_splitter(special_tokens)(text):
        if part not in special_tokens:
            pieces.update(SPLIT.findall(part))
    seqs = [[bytes([b]) for b in p.encode("utf-8")] for p in pieces]
    mult = list(pieces.values())
    counts, places = Counter(), defaultdict(set)
    for k, seq in enumerate(seqs):
        for p in zip(seq, seq[1:]):
            counts[p] += mult[k]
            places[p].add(k)
    heap = [Entry(n, p) for p, n in counts.items()]
    heapq.heapify(heap)
    merges = []
    while heap and 256 + len(merges) + len(special_tokens) < vocab_size:
        top = heapq.heappop(heap)
        if counts[top.pair] != top.count or top.count == 0:
            continue
        a, b = top.pair
        merges.append((a, b))
        dirty = set()
        for k in places.pop(top.pair):
            seq = seqs[k]
            for p in zip(seq, seq[1:]):
                counts[p] -= mult[k]
                dirty.add(p)
            i = 0
            while i < len(seq) - 1:
                if seq[i] == a and seq[i + 1] == b:
                    seq[i:i + 2] = [a + b]
                i += 1
            for p in zip(seq, seq[1:]):
                counts[p] += mult[k]
                places[p].add(k)
                dirty.add(p)
        for p in dirty:
            if counts[p] > 0:
                heapq.heappush(heap, Entry(counts[p], p))
    table = [bytes([i]) for i in range(256)]
    table += [a + b for a, b in merges]
    table += [t.encode("utf-8") for t in special_tokens]
    return dict(enumerate(table)), merges


class BPETokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = vocab
        self.ids = {b: i for i, b in vocab.items()}
        self.rank = {m: i for i, m in enumerate(merges)}
        self.special_tokens = frozenset(special_tokens)
        self.split = special_splitter(special_tokens)

    def _ids(self, piece):
        seq = [bytes([b]) for b in piece.encode("utf-8")]
        while len(seq) > 1:
            best = min(zip(seq, seq[1:]), key=lambda p: self.rank.get(p, float("inf")))
            if best not in self.rank:
                break
            i = 0
            while i < len(seq) - 1:
                if (seq[i], seq[i + 1]) == best:
                    seq[i:i + 2] = [seq[i] + seq[i + 1]]
                i += 1
        return [self.ids[t] for t in seq]

    def encode(self, text):
        result = []
        for part in self.split(text):
            if part in self.special_tokens:
                result.append(self.ids[part.encode("utf-8")])
            else:
                for piece in SPLIT.findall(part):
                    result += self._ids(piece)
        return result

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace")
