"""Describes the tokens and finds them all, special ones first, instead of splitting between them."""

from __future__ import annotations

import re

TOKEN = re.compile(
    r"""
    <\|endoftext\|>            # a special token as a whole
    | --                       # two dashes
    | [,.:;?_!"()']            # one of the other marks
    | (?: (?!--) [^\s,.:;?_!"()'] )+   # a word, up to the next mark
    """,
    re.VERBOSE,
)
BEFORE_MARK = re.compile(r" (?=[,.?!\"()'])")


class SimpleTokenizerV1:
    def __init__(self, vocab: dict[str, int]) -> None:
        self._vocab = vocab
        self._tokens: dict[int, str] | None = None

    def encode(self, text: str) -> list[int]:
        return [self._vocab[token] for token in TOKEN.findall(text)]

    def decode(self, ids: list[int]) -> str:
        if self._tokens is None:
            self._tokens = {i: token for token, i in self._vocab.items()}
        return BEFORE_MARK.sub("", " ".join(self._tokens[i] for i in ids))


class SimpleTokenizerV2:
    def __init__(self, vocab: dict[str, int]) -> None:
        self._vocab = vocab
        self._inner = SimpleTokenizerV1(vocab)

    def encode(self, text: str) -> list[int]:
        return [self._vocab.get(token, self._vocab["<|unk|>"]) for token in TOKEN.findall(text)]

    def decode(self, ids: list[int]) -> str:
        return self._inner.decode(ids)
