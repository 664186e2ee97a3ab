"""Writing files whole or not at all, and digests of what is in them."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

_DIGITS = 40
"""Hexadecimal, so 160 bits: nobody can make two submissions with the same digest, not even on purpose."""
_SHORT_DIGITS = 16


def write_whole(path: Path, content: bytes) -> None:
    """Write a file whole or not at all: until the new one is complete, a file that is there stays as it is.

    The new file has the permissions of the old one.

    Raises:
        OSError: it cannot be written.
    """
    scratch = path.with_name(f".{path.name[:200]}.{os.getpid()}.new")
    try:
        scratch.write_bytes(content)
        if path.exists():
            shutil.copymode(path, scratch)
        os.replace(scratch, path)
    finally:
        scratch.unlink(missing_ok=True)


def digest(*parts: bytes | str) -> str:
    """Return what stands for the content of some files or texts; ("ab",) and ("a", "b") differ."""
    found = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        found.update(f"{len(data)}:".encode() + data)
    return found.hexdigest()[:_DIGITS]


def short_digest(*parts: bytes | str) -> str:
    """Return a short digest, for names and marks where nothing is gained by making two that are the same."""
    return digest(*parts)[:_SHORT_DIGITS]
