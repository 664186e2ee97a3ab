"""Writing what people asked for: if that isn't possible, a sentence says which file, why, and what to do."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path

from grader.errors import NotWritten
from grader.files import reason, write_whole

_FULL = (errno.ENOSPC, errno.EDQUOT)
_NOT_ALLOWED = (errno.EROFS, errno.EACCES, errno.EPERM)


def write_report(path: Path, content: str | bytes) -> None:
    """Write a file for people or other programs, completely or not at all.

    Raises:
        NotWritten: it cannot be written.
    """
    with writing(path):
        write_whole(path, content.encode() if isinstance(content, str) else content)


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn the system's error about a file or folder that is written here into a sentence.

    Raises:
        NotWritten: it cannot be written.
    """
    try:
        yield
    except OSError as error:
        raise not_written(path, error) from error


def not_written(path: Path | str, error: OSError) -> NotWritten:
    """Return an error that says why a file or folder cannot be written, and what to do."""
    if error.errno in _FULL:
        remedy = "Free some space, and run the same command again"
    elif error.errno == errno.EFBIG:
        remedy = "Raise the limit on the size of files (ulimit -f), and run the same command again"
    elif error.errno in _NOT_ALLOWED:
        remedy = "Name a folder that you may write to"
    else:
        remedy = "Name another folder"
    return NotWritten(f"{path} cannot be written ({reason(error)}). {remedy}.")


def cannot_write_anywhere(error: OSError) -> bool:
    """Say whether an error is about a full or read-only disk, and not about what a program does."""
    return error.errno in (*_FULL, errno.EROFS, errno.EFBIG)


def make_folder(path: Path) -> None:
    """Create a folder if it doesn't exist, and find out whether files can be written to it.

    Raises:
        NotWritten: it can't be created, or no file can be written to it.
    """
    if path.is_file():
        raise NotWritten(f"{path} is a file. Name a folder.")
    trial = path / f".{os.getpid()}.trial"
    with writing(path):
        path.mkdir(parents=True, exist_ok=True)
        try:
            trial.write_bytes(b"x")
        finally:
            with contextlib.suppress(OSError):
                trial.unlink()
