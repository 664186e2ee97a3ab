"""A dictionary with `__missing__` knows what is unknown, and pieces between white space are split one by one."""

import re
from itertools import chain


class Lenient(dict):
    def __missing__(self, token):
        return self["<|unk|>"]


def pieces(text):
    special = re.split(r"(?<!\S)(<\|endoftext\|>)(?!\S)", text)
    for n, part in enumerate(special):
        if n % 2:
            yield part
        else:
            words = (re.split("""(--|[,.:;?_!"()'])""", word) for word in part.split())
            yield from filter(None, chain.from_iterable(words))


class _Base:
    table = dict

    def __init__(self, vocab):
        self.str_to_int = self.table(vocab)
        self.int_to_str = {}
        for token in vocab:
            self.int_to_str[vocab[token]] = token

    def encode(self, text):
        return [self.str_to_int[p] for p in pieces(text)]

    def decode(self, ids):
        out = []
        for i in ids:
            s = self.int_to_str[i]
            if out and s in (",", ".", "?", "!", '"', "(", ")", "'"):
                out[-1] += s
            else:
                out.append(s)
        return " ".join(out)


class SimpleTokenizerV1(_Base):
    pass


class SimpleTokenizerV2(_Base):
    table = Lenient
