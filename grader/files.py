"""Writing complete files or none, and digests of content."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

_DIGITS = 40
"""Hexadecimal digits, 160 bits: nobody can make two submissions with the same digest, not even on purpose."""
_SHORT_DIGITS = 16


def write_whole(path: Path, content: bytes) -> None:
    """Write a file completely or not at all: an existing file stays unchanged until the new one is complete.

    The new file has the permissions of the old one.

    Raises:
        OSError: it cannot be written.
    """
    # The name of the file itself may have as many characters as a name can.
    scratch = path.with_name(f".{short_digest(os.fsencode(path.name))}.{os.getpid()}.new")
    try:
        scratch.write_bytes(content)
        if path.exists():
            shutil.copymode(path, scratch)
        os.replace(scratch, path)
    finally:
        scratch.unlink(missing_ok=True)


def reason(error: Exception) -> str:
    """Say why a file cannot be read or written, without its path, which the message names anyway."""
    return (isinstance(error, OSError) and error.strerror) or str(error)


def digest(*parts: bytes | str) -> str:
    """Return a digest of several contents; ("ab",) and ("a", "b") have different digests."""
    sha = hashlib.sha256()
    for part in parts:
        data = _bytes(part)
        sha.update(f"{len(data)}:".encode() + data)
    return sha.hexdigest()[:_DIGITS]


def short_digest(content: bytes | str) -> str:
    """Return a short digest, for uses in which nobody gains anything from two contents with the same digest.

    Recorded cases and figures contain such digests, so computing them in another way makes those files stale.
    """
    return hashlib.sha256(_bytes(content)).hexdigest()[:_SHORT_DIGITS]


def _bytes(content: bytes | str) -> bytes:
    return content.encode() if isinstance(content, str) else content
