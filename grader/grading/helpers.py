"""Helper files next to the exercises: the ones that a submission's modules import come along. Nothing is executed."""

from __future__ import annotations

import re
from collections.abc import Iterable

IMPORTS = re.compile(rb"^[ \t]*(?:from|import)\b[^\n(]*(?:\([^)]*\))?", re.MULTILINE)
NAME = re.compile(rb"[A-Za-z_]\w*")
MAX_SOURCE = 2**20
"""The most bytes that are searched for imports."""


def imported(sources: Iterable[bytes]) -> set[str]:
    """List the names on lines that import something, which are enough to find the helpers among other files."""
    return {
        name.decode()
        for source in sources
        for statement in found(IMPORTS, source[:MAX_SOURCE])
        for name in NAME.findall(statement)
    }


def found(imports: re.Pattern[bytes], source: bytes) -> list[bytes]:
    """Find what matches a pattern that reads lists to their end.

    The source is searched as if its last list were closed; else a file of open parentheses takes quadratic time.
    """
    return imports.findall(source + b")")
