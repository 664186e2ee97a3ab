"""Look for words that we don't use, in text that people read: `python -m docs.wording [FILE ...]`.

`docs/words.yaml` lists them, with what to write instead. Without files, it looks at all files that git tracks.
"""

from __future__ import annotations

import ast
import fnmatch
import io
import re
import subprocess
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path

import msgspec

ROOT = Path(__file__).resolve().parents[1]
LIST = "docs/words.yaml"
SUBMISSIONS = "tests/kit/arrivals/*/*/*"
"""What students hand in; not all of it is Python."""
CODE = re.compile(r"`[^`]*`|\]\([^)]*\)|<!--.*?-->|https?://\S+")
FENCE = re.compile(r"^\s*(```|~~~)")


class Allowed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Words that may appear in some files.

    Attributes:
        files: a path from the project's folder; `*` stands for anything.
        words: the words, as they appear there.
        why: the reason.
    """

    files: str
    words: list[str]
    why: str


class WordList(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What `docs/words.yaml` holds: each pattern with what to write instead, and the exceptions."""

    words: dict[str, str]
    allowed: list[Allowed]


def hits(path: str, text: str, words: WordList) -> Iterator[str]:
    """Yield a line for each word that a file should not contain.

    Args:
        path: the file's path from the project's folder.
        text: its content.
        words: the list.
    """
    allowed = {word for entry in words.allowed if fnmatch.fnmatch(path, entry.files) for word in entry.words}
    for line, sentence in sorted(set(_readable(path, text))):
        for pattern, instead in words.words.items():
            for match in re.finditer(rf"(?<![\w`.\-/])(?:{pattern})(?![\w`\-/])", sentence, re.IGNORECASE):
                if match[0].lower() not in allowed:
                    yield f"{path}:{line}: {match[0]} (instead: {instead})"


def _readable(path: str, text: str) -> Iterator[tuple[int, str]]:
    """Yield the parts of a file that people read, each with its line."""
    if path.endswith(".py"):
        yield from _in_python(text)
        return
    fenced = False
    for number, line in enumerate(text.split("\n"), 1):
        if FENCE.match(line):
            fenced = not fenced
        elif not fenced:
            yield number, CODE.sub("", line)


def _in_python(text: str) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            for number, line in enumerate(node.value.split("\n"), node.lineno):
                yield number, CODE.sub("", line)
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], CODE.sub("", token.string)


def main(arguments: list[str]) -> int:
    """Print what the files should not contain; return 1 if there is anything, else 0."""
    words = msgspec.yaml.decode((ROOT / LIST).read_bytes(), type=WordList)
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    files = arguments or [
        path for path in tracked.stdout.split("\n") if path.endswith((".py", ".md", ".yaml", ".toml", "Makefile"))
    ]
    reports = [
        report
        for path in files
        if path != LIST and not fnmatch.fnmatch(path, SUBMISSIONS) and (ROOT / path).is_file()
        for report in hits(path, (ROOT / path).read_text(encoding="utf-8"), words)
    ]
    print("\n".join(reports) or "No words to replace.")
    return 1 if reports else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
