"""The alphabets of the tokenizer's checks keep clear of what `regex` and tiktoken class differently."""

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
    """Each character of every alphabet is a letter, a number or white space for both packages or for neither."""
    found = set().union(*map(characters, vars(texts).values()))
    assert len(found) > 40
    for kind in (r"\p{L}", r"\p{N}", r"\s"):
        # What the pattern does not match, tiktoken leaves out.
        encoding = tiktoken.Encoding("one class", pat_str=kind, mergeable_ranks=BYTES, special_tokens={})
        ours = {character for character in found if regex.match(kind, character)}
        assert {character for character in found if encoding.encode(character)} == ours, kind
