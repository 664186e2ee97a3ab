import re

_split = lambda text: [t for t in re.split(r"""(--|[,.:;?_!"()'])|\s+""", text) if t]
_join = lambda words: re.sub(r"""\s+([,.?!"()'])""", r"\1", " ".join(words))


class SimpleTokenizerV1:
    def __init__(self, vocab): self.s2i, self.i2s = vocab, {i: s for s, i in vocab.items()}
    def encode(self, text): return [self.s2i[t] for t in _split(text)]
    def decode(self, ids): return _join(self.i2s[i] for i in ids)


class SimpleTokenizerV2:
    def __init__(self, vocab): self.s2i, self.i2s = vocab, {i: s for s, i in vocab.items()}
    def encode(self, text): return [self.s2i[t] for t in _split(text) if t in self.s2i]
    def decode(self, ids): return _join(self.i2s[i] for i in ids)
