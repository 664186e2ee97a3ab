"""Without patterns: puts spaces around each mark, and lets `str.split` do the rest."""

MARKS = ["--", *",.:;?_!\"()'"]


class SimpleTokenizerV1:
    def __init__(self, vocab):
        self.id_of = dict(vocab)
        self.token_of = dict(zip(vocab.values(), vocab.keys()))

    def tokens(self, text):
        for mark in MARKS:
            text = text.replace(mark, f" {mark} ")
        return text.split()

    def encode(self, text):
        return list(map(self.id_of.__getitem__, self.tokens(text)))

    def decode(self, ids):
        text = " ".join(map(self.token_of.get, ids))
        for mark in ",.?!\"()'":
            text = text.replace(" " + mark, mark)
        return text


class SimpleTokenizerV2(SimpleTokenizerV1):
    def encode(self, text):
        unknown = self.id_of["<|unk|>"]
        return [self.id_of.get(token, unknown) for token in self.tokens(text)]
