import regex as re
from collections import Counter

GPT2_SPLIT_PATTERN = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"


def train_bpe(text, vocab_size, special_tokens=()):
    room = vocab_size - 256 - len(special_tokens)
    if room < 0:
        raise ValueError("vocab_size")
    docs = re.split("|".join(re.escape(s) for s in sorted(special_tokens, key=lambda s: -len(s))), text) if special_tokens else [text]
    seqs = Counter(p.encode("utf-8") for d in docs for p in re.findall(GPT2_SPLIT_PATTERN, d))
    seqs = [([p[i:i + 1] for i in range(len(p))], n) for p, n in seqs.items()]
    merges = []
    for _ in range(room):
        count = Counter()
        for s, n in seqs:
            for a, b in zip(s, s[1:]):
                count[a, b] += n
        if not count:
            break
        merges.append(max(count, key=lambda p: (count[p], p)))
        a, b = merges[-1]
        for s, _n in seqs:
            i = 0
            while i < len(s) - 1:
                if s[i] == a and s[i + 1] == b:
                    s[i:i + 2] = [a + b]
                i += 1
    tokens = [bytes([i]) for i in range(256)] + [a + b for a, b in merges] + [s.encode("utf-8") for s in special_tokens]
    return dict(enumerate(tokens)), merges


class BPETokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = vocab
        self.inv = {t: i for i, t in vocab.items()}
        self.rank = {m: r for r, m in enumerate(merges)}
        self.special = sorted(special_tokens, key=lambda s: -len(s))

    def _piece(self, s):
        while True:
            best_rank, best_at = None, None
            for i in range(len(s) - 1):
                r = self.rank.get((s[i], s[i + 1]))
                if r and (best_rank is None or r < best_rank):
                    best_rank, best_at = r, i
            if best_at is None:
                return s
            s = s[:best_at] + [s[best_at] + s[best_at + 1]] + s[best_at + 2:]

    def encode(self, text):
        parts = re.split("(" + "|".join(map(re.escape, self.special)) + ")", text) if self.special else [text]
        ids = []
        for part in parts:
            if part in self.special:
                ids.append(self.inv[part.encode("utf-8")])
            else:
                for p in re.findall(GPT2_SPLIT_PATTERN, part):
                    ids += [self.inv[t] for t in self._piece([bytes([b]) for b in p.encode("utf-8")])]
        return ids

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace")
