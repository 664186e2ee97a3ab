"""The tokenizer's checks use no character that `regex` and tiktoken classify differently."""

from __future__ import annotations

import regex
import tiktoken

from grader.wire.plain import Plain
from tests.visible import texts

BYTES = {bytes([value]): value for value in range(256)}


def characters(value: Plain) -> set[str]:
    """Collect every character of the strings inside a value."""
    if isinstance(value, str):
        return set(value)
    return set().union(*map(characters, value)) if isinstance(value, (list, tuple)) else set()


def test_both_unicode_tables_agree_on_every_character() -> None:
    """Both packages agree on whether each character of every alphabet is a letter, a number or white space."""
    alphabet = set().union(*map(characters, vars(texts).values()))
    assert len(alphabet) > 40
    for kind in (r"\p{L}", r"\p{N}", r"\s"):
        # tiktoken leaves out whatever the pattern doesn't match.
        encoding = tiktoken.Encoding("one class", pat_str=kind, mergeable_ranks=BYTES, special_tokens={})
        ours = {character for character in alphabet if regex.match(kind, character)}
        assert {character for character in alphabet if encoding.encode(character)} == ours, kind
