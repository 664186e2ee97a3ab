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
    scratch = path.with_name(f".{path.name}.{os.getpid()}.new")
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
        data = _bytes(part)
        found.update(f"{len(data)}:".encode() + data)
    return found.hexdigest()[:_DIGITS]


def short_digest(content: bytes | str) -> str:
    """Return a short digest, for names and marks of which nobody gains by making two that are the same.

    Recorded cases and figures hold such digests, so that another way to make them makes these stale.
    """
    return hashlib.sha256(_bytes(content)).hexdigest()[:_SHORT_DIGITS]


def _bytes(content: bytes | str) -> bytes:
    return content.encode() if isinstance(content, str) else content
