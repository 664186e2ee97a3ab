from collections import Counter
import regex

GPT2_SPLIT_PATTERN = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"


def train_bpe(text, vocab_size, special_tokens=()):
    room = vocab_size - 256 - len(special_tokens)
    assert room >= 0, "vocab_size too small"
    if special_tokens:
        marks = regex.compile("|".join(regex.escape(s) for s in sorted(special_tokens, key=len, reverse=True)))
        text = marks.sub("", text)
    table = [bytes([i]) for i in range(256)]
    words = Counter()
    for w in regex.findall(GPT2_SPLIT_PATTERN, text):
        words["".join(map(chr, w.encode("utf-8")))] += 1
    merges = []
    for new in range(256, 256 + room):
        pairs = Counter()
        for w, n in words.items():
            for x, y in zip(w, w[1:]):
                pairs[x + y] += n
        if not pairs:
            break
        as_bytes = lambda p: (table[ord(p[0])], table[ord(p[1])])
        best = max(pairs, key=lambda p: (pairs[p], as_bytes(p)))
        merges.append(as_bytes(best))
        table.append(b"".join(as_bytes(best)))
        words = Counter({w.replace(best, chr(new)): n for w, n in words.items()})
    table.extend(s.encode("utf-8") for s in special_tokens)
    return dict(enumerate(table)), merges


class BPETokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = vocab
        self.ids = {t: i for i, t in vocab.items()}
        self.rules = [(chr(self.ids[a]) + chr(self.ids[b]), chr(self.ids[a + b])) for a, b in merges]
        self.marks = None
        if special_tokens:
            self.marks = regex.compile("|".join(regex.escape(s) for s in sorted(special_tokens, key=len, reverse=True)))

    def _plain(self, text):
        for w in regex.findall(GPT2_SPLIT_PATTERN, text):
            s = "".join(map(chr, w.encode("utf-8")))
            for old, new in self.rules:
                s = s.replace(old, new)
            yield from map(ord, s)

    def encode(self, text):
        if self.marks is None:
            return list(self._plain(text))
        out, last = [], 0
        for m in self.marks.finditer(text):
            out.extend(self._plain(text[last:m.start()]))
            out.append(self.ids[m.group().encode("utf-8")])
            last = m.end()
        out.extend(self._plain(text[last:]))
        return out

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace")
