"""Goes through the text letter by letter, and builds the decoded text piece by piece."""


class SimpleTokenizerV1:
    MARKS = frozenset(",.:;?_!\"()'")
    CLOSED = frozenset(",.?!\"()'")

    def __init__(self, vocab):
        self.vocab = {token: number for token, number in vocab.items()}
        self.names = {number: token for token, number in self.vocab.items()}

    def cut(self, text):
        word, position = "", 0
        while position < len(text):
            here = text[position]
            mark = "--" if text.startswith("--", position) else here if here in self.MARKS else ""
            if mark or here.isspace():
                if word:
                    yield word
                word = ""
                if mark:
                    yield mark
            else:
                word += here
            position += len(mark) or 1
        if word:
            yield word

    def look_up(self, token):
        return self.vocab[token]

    def encode(self, text):
        ids = []
        for token in self.cut(text):
            ids.append(self.look_up(token))
        return ids

    def decode(self, ids):
        text = ""
        for number in ids:
            token = self.names[number]
            if text and token not in self.CLOSED:
                text += " "
            text += token
        return text


class SimpleTokenizerV2(SimpleTokenizerV1):
    def look_up(self, token):
        try:
            return self.vocab[token]
        except KeyError:
            return self.vocab["<|unk|>"]
