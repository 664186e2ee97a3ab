import io

SINGLE = frozenset(",.:;?_!\"()'")
CLINGS_LEFT = frozenset(",.?!\"()'_-")


def tokens(text):
    word = io.StringIO()

    def flush():
        w = word.getvalue()
        word.seek(0)
        word.truncate()
        return [w] if w else []

    i = 0
    while i < len(text):
        c = text[i]
        if c.isspace():
            yield from flush()
        elif text.startswith("--", i):
            yield from flush()
            yield "--"
            i += 1
        elif c in SINGLE:
            yield from flush()
            yield c
        else:
            word.write(c)
        i += 1
    yield from flush()


class Base:
    unknown = None

    def __init__(self, vocab):
        self.ids = dict(vocab)
        self.strings = {number: string for string, number in self.ids.items()}

    def encode(self, text):
        out = []
        for token in tokens(text):
            if token not in self.ids and self.unknown is not None:
                token = self.unknown
            out.append(self.ids[token])
        return out

    def decode(self, ids):
        out = ""
        for k, number in enumerate(ids):
            string = self.strings[number]
            if k > 0 and string[0] not in CLINGS_LEFT:
                out += " "
            out += string
        return out


class SimpleTokenizerV1(Base):
    pass


class SimpleTokenizerV2(Base):
    unknown = "<|unk|>"
