from collections import Counter
import regex as re

GPT2_SPLIT_PATTERN = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"


def train_bpe(text, vocab_size, special_tokens=()):
    if vocab_size < 256 + len(special_tokens):
        raise ValueError
    parts = re.split("|".join(map(re.escape, special_tokens)), text) if special_tokens else [text]
    words = Counter(tuple(w.encode()) for p in parts for w in re.findall(GPT2_SPLIT_PATTERN, p))
    tok = [bytes([i]) for i in range(256)]
    merges = []
    while len(tok) < vocab_size - len(special_tokens):
        c = Counter()
        for w, n in words.items():
            for p in zip(w, w[1:]):
                c[p] += n
        if not c:
            break
        a, b = max(c, key=lambda p: (c[p], tok[p[0]], tok[p[1]]))
        merges.append((tok[a], tok[b]))
        nxt = Counter()
        for w, n in words.items():
            out, i = (), 0
            while i < len(w):
                hit = w[i:i + 2] == (a, b)
                out += (len(tok),) if hit else (w[i],)
                i += 2 if hit else 1
            nxt[out] += n
        words = nxt
        tok.append(tok[a] + tok[b])
    tok += [s.encode() for s in special_tokens]
    return dict(enumerate(tok)), merges


class BPETokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = vocab
        self.inv = {b: i for i, b in vocab.items()}
        self.rank = {m: i for i, m in enumerate(merges)}
        self.special = sorted(special_tokens, key=len, reverse=True)

    def _word(self, w):
        parts = [bytes([b]) for b in w.encode()]
        while len(parts) > 1:
            k = min(range(len(parts) - 1), key=lambda i: self.rank.get((parts[i], parts[i + 1]), 10**9))
            if (parts[k], parts[k + 1]) not in self.rank:
                break
            parts = parts[:k] + [parts[k] + parts[k + 1]] + parts[k + 2:]
        return [self.inv[p] for p in parts]

    def encode(self, text):
        if not self.special:
            return sum(map(self._word, re.findall(GPT2_SPLIT_PATTERN, text)), [])
        ids = []
        for i, p in enumerate(re.split("(" + "|".join(map(re.escape, self.special)) + ")", text)):
            if i % 2:
                ids.append(self.inv[p.encode()])
            else:
                for w in re.findall(GPT2_SPLIT_PATTERN, p):
                    ids += self._word(w)
        return ids

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace")
