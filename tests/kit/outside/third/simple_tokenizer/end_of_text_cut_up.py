import re


def tokenize(text):
    return re.findall(r"""--|[,.:;?_!"()']|(?:[^\W_]|-(?!-))+|[^\w\s]""", text)


def untokenize(tokens):
    return re.sub(r"""\s+([,.?!"()'])""", r"\1", " ".join(tokens))


class SimpleTokenizerV1:
    def __init__(self, vocab):
        self.token_to_id = vocab
        self.id_to_token = {v: k for k, v in vocab.items()}

    def encode(self, text):
        return [self.token_to_id[t] for t in tokenize(text)]

    def decode(self, ids):
        return untokenize([self.id_to_token[i] for i in ids])


class SimpleTokenizerV2:
    def __init__(self, vocab):
        self.token_to_id = vocab
        self.id_to_token = {v: k for k, v in vocab.items()}
        self.unk = vocab["<|unk|>"]

    def encode(self, text):
        return [self.token_to_id.get(t, self.unk) for t in tokenize(text)]

    def decode(self, ids):
        return untokenize([self.id_to_token[i] for i in ids])
