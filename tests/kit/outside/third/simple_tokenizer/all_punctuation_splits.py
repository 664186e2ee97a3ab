import string

GLUE = ',.?!"()\''


class SimpleTokenizerV1:
    def __init__(self, vocab):
        self.vocab = vocab
        self.inverse = {i: w for w, i in vocab.items()}

    def _tokens(self, text):
        special = "<|endoftext|>"
        out = []
        for chunk in text.split():
            if chunk == special:
                out.append(chunk)
                continue
            chunk = chunk.replace("--", "\0")
            for mark in string.punctuation:
                chunk = chunk.replace(mark, f" {mark} ")
            out.extend(chunk.replace("\0", " -- ").split())
        return out

    def _id(self, token):
        return self.vocab[token]

    def encode(self, text):
        return [self._id(token) for token in self._tokens(text)]

    def decode(self, ids):
        text = " ".join(self.inverse[i] for i in ids)
        for mark in GLUE:
            text = text.replace(" " + mark, mark)
        return text


class SimpleTokenizerV2(SimpleTokenizerV1):
    def _id(self, token):
        if token in self.vocab:
            return self.vocab[token]
        return self.vocab["<|unk|>"]
