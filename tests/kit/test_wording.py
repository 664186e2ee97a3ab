"""The word list of `make lint` finds its words in text that people read, and nowhere else."""

from __future__ import annotations

import msgspec
import pytest

from docs.wording import LIST, Allowed, WordList, hits
from tests.kit.conftest import ROOT

WORDS = WordList({"anew": "again", "walls": "sandbox"}, [Allowed("docs/walls.md", ["walls"], "It is about houses.")])


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("a.md", "Fine.\nIt starts anew.\n", ["a.md:2: anew (instead: again)"]),
        ("a.md", "Anew", ["a.md:1: Anew (instead: again)"]),
        ("a.md", "`anew` and [a](anew.md) <!-- anew -->\n```sh\nanew\n```\n", []),
        ("a.md", "renewed, anew_1, wall", []),
        ("a.py", '"""Fine.\n\nDone anew."""\n', ["a.py:3: anew (instead: again)"]),
        ("a.py", "anew = 1  # behind walls\n", ["a.py:1: walls (instead: sandbox)"]),
        ("a.py", 'print(f"{1} anew")\n', ["a.py:1: anew (instead: again)"]),
        ("a.yaml", "why: It starts anew.\n", ["a.yaml:1: anew (instead: again)"]),
        ("docs/walls.md", "walls anew", ["docs/walls.md:1: anew (instead: again)"]),
    ],
)
def test_words_are_found_in_text_only(path: str, text: str, expected: list[str]) -> None:
    """Prose, docstrings, strings, comments and YAML are read; code, links and exceptions are not."""
    assert list(hits(path, text, WORDS)) == expected


def test_each_exception_has_a_reason_and_a_file() -> None:
    """An exception in the list says why, and names files that exist."""
    words = msgspec.yaml.decode((ROOT / LIST).read_bytes(), type=WordList)
    for entry in words.allowed:
        assert entry.why.endswith("."), entry
        assert list(ROOT.glob(entry.files)), entry
