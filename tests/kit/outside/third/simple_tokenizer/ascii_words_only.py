from __future__ import annotations

import re
from collections.abc import Iterable

TOKEN = re.compile(
    r"""
      --                              # a dash
    | [,.:;?_!"()']                   # a mark
    | (?: (?!--) [!-~] (?<![,.:;?_!"()']) )+  # a word
    """,
    re.VERBOSE,
)
GLUED = re.compile(r"""\s+(?=[,.?!"()'])""")


class SimpleTokenizerV1:
    def __init__(self, vocab: dict[str, int]) -> None:
        self.vocab = vocab
        self.words = dict(zip(vocab.values(), vocab.keys()))

    def lookup(self, token: str) -> int:
        return self.vocab[token]

    def encode(self, text: str) -> list[int]:
        return list(map(self.lookup, TOKEN.findall(text)))

    def decode(self, ids: Iterable[int]) -> str:
        return GLUED.sub("", " ".join(map(self.words.__getitem__, ids)))


class SimpleTokenizerV2(SimpleTokenizerV1):
    def lookup(self, token: str) -> int:
        return self.vocab.get(token, self.vocab["<|unk|>"])
