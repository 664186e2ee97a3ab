"""Helper files next to the exercises: the ones that a submission's modules import come along. Nothing is executed."""

from __future__ import annotations

import re
from collections.abc import Iterable

IMPORTS = re.compile(rb"^[ \t]*(?:from|import)\b[^\n(]*(?:\([^)]*\))?", re.MULTILINE)
NAME = re.compile(rb"[A-Za-z_]\w*")
CLOSED = b")"
"""What a source is searched with at its end: without it, a file of open parentheses takes quadratic time."""
MAX_SOURCE = 2**20
"""The most bytes that are searched for imports."""


def imported(sources: Iterable[bytes]) -> set[str]:
    """List the names on lines that import something, which are enough to find the helpers among other files."""
    return {
        name.decode()
        for source in sources
        for statement in IMPORTS.findall(source[:MAX_SOURCE] + CLOSED)
        for name in NAME.findall(statement)
    }
