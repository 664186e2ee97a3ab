# every token is one character: token number i is chr(i), so str.replace does the merging
from collections import Counter
import regex

GPT2_SPLIT_PATTERN = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"


def cut(text, special):
    parts = [text]
    if special:
        parts = regex.split("|".join(regex.escape(s) for s in sorted(special, key=lambda s: -len(s))), text)
    return [w for p in parts for w in regex.findall(GPT2_SPLIT_PATTERN, p)]


def train_bpe(text, vocab_size, special_tokens=()):
    room = vocab_size - len(special_tokens) - 256
    if room < 0:
        raise ValueError(vocab_size)
    table = [bytes([i]) for i in range(256)]
    words = Counter(w.encode("utf-8").decode("latin-1") for w in cut(text, special_tokens))
    merges = []
    for _ in range(room):
        pairs = Counter()
        for w, n in words.items():
            for i in range(len(w) - 1):
                pairs[w[i:i + 2]] += n
        if not pairs:
            break
        top = max(pairs.values())
        best = max((p for p in pairs if pairs[p] == top), key=lambda p: (table[ord(p[0])], table[ord(p[1])]))
        a, b = (table[ord(c)] for c in best)
        new = chr(len(table))
        table.append(a + b)
        merges.append((a, b))
        words = Counter({w.replace(best, new): n for w, n in words.items()})
    table += [s.encode("utf-8") for s in special_tokens]
    return {i: t for i, t in enumerate(table)}, merges


class BPETokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = vocab.copy()
        ids = {t: i for i, t in reversed(sorted(vocab.items()))}
        self.rules = [(chr(ids[a]) + chr(ids[b]), chr(ids[a + b])) for a, b in merges]
        self.special = {}
        for i in sorted(vocab):
            for s in special_tokens:
                if vocab[i] == s.encode("utf-8"):
                    self.special[s] = i

    def encode(self, text):
        ids, start, i = [], 0, 0
        while i < len(text):
            hits = [s for s in self.special if text.startswith(s, i)]
            if hits:
                ids += self.plain(text[start:i])
                s = max(hits, key=len)
                ids.append(self.special[s])
                i += len(s)
                start = i
            else:
                i += 1
        return ids + self.plain(text[start:])

    def plain(self, text):
        ids = []
        for w in regex.findall(GPT2_SPLIT_PATTERN, text):
            s = w.encode("utf-8").decode("latin-1")
            for old, new in self.rules:
                if len(s) == 1:
                    break
                s = s.replace(old, new)
            ids.extend(map(ord, s))
        return ids

    def decode(self, ids):
        return b"".join([self.vocab[i] for i in ids]).decode("utf-8", errors="replace")
