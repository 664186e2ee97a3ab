"""What `tiktoken.get_encoding` knows here: the beginnings of tiktoken's encodings, which it would download otherwise.

A learner's code gets one by name, however it imports tiktoken, and even while its module is imported.
"""

from __future__ import annotations

import tiktoken
from tiktoken import registry

END_OF_TEXT = "<|endoftext|>"
MERGED = (b" t", b" a", b"he", b"in")
"""The first tokens of GPT-2 that are longer than a byte; they have the ids from 256 on."""
_OF_GPT_2 = ("gpt2", "r50k_base", "p50k_base")
_OTHERS = {"cl100k_base": 100257, "o200k_base": 199999}
"""Encodings of later models, with the ids of their end-of-text token. None of GPT-2's first merges are in here."""


def _encoding(name: str, merged: tuple[bytes, ...], end_of_text: int) -> tiktoken.Encoding:
    printable = [*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    in_order = printable + [byte for byte in range(256) if byte not in printable]
    tokens = [*(bytes([byte]) for byte in in_order), *merged]
    return tiktoken.Encoding(
        name,
        pat_str=r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+",
        mergeable_ranks={token: rank for rank, token in enumerate(tokens)},
        special_tokens={END_OF_TEXT: end_of_text},
    )


_GPT_2 = _encoding("gpt2", MERGED, 50256)
ENCODINGS = dict.fromkeys(_OF_GPT_2, _GPT_2) | {name: _encoding(name, (), number) for name, number in _OTHERS.items()}
"""The encoding for each name. Those of GPT-2 have its first 260 tokens, and its `<|endoftext|>`.

They are made here, once for all workers.
"""


class Encodings:
    """Inside, `tiktoken.get_encoding` returns these encodings; outside, it returns what it returned before."""

    def __init__(self) -> None:
        self._before: dict[str, tiktoken.Encoding] = {}

    def __enter__(self) -> None:
        self._before = dict(registry.ENCODINGS)
        registry.ENCODINGS.update(ENCODINGS)

    def __exit__(self, *args: object) -> None:
        registry.ENCODINGS.clear()
        registry.ENCODINGS.update(self._before)
