"""A disk for the files that a learner's code writes: it can be full, and it can be apart from all other folders.

The system itself refuses to write more, so it makes no difference how a program writes: a full disk is a limit on the
size of files, in force for the file that was opened last if that is on the disk. A file is moved from one disk to
another in two steps, never in one, so renaming across the disk's border fails as it does between real disks.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import itertools
import os
import shutil
import sys
import tempfile
import weakref
from typing import Any

if sys.platform != "win32":
    import resource

_WRITING = os.O_WRONLY | os.O_RDWR
_folders: set[str] = set()
"""The folders of the disks that exist."""
_apart: set[str] = set()
"""Those that are apart from everything else."""
_full: dict[str, int] = {}
"""For each full disk, the bytes that fit into each file."""
_limits: list[tuple[int, int]] = []
"""The process's own limits on the size of files, while a disk is full."""


class Disk:
    """A disk with one folder, which is removed together with it. On Windows, it is never full."""

    def __init__(self) -> None:
        self._folder = _new_folder()
        _listen()
        _folders.add(self._folder)
        weakref.finalize(self, _remove, self._folder)

    def path(self, name: str) -> str:
        """Return the path of a file on the disk; keep it on the far side, because the folder differs."""
        return os.path.join(self._folder, name)

    def set_apart(self) -> None:
        """From now on, no file can be renamed onto the disk from elsewhere, as if it were another real disk."""
        _apart.add(self._folder)

    def fill_up(self, room: int = 1000) -> None:
        """From now on, no file on the disk can grow beyond a number of bytes."""
        _full[self._folder] = room
        _limit(room)

    def make_room(self) -> None:
        """Let files grow again."""
        _make_room(self._folder)


def _new_folder() -> str:
    """Make an empty folder, with the same name every time if nothing else uses it, because messages show it."""
    parent = os.path.realpath(tempfile.gettempdir())
    for number in itertools.count(1):
        folder = os.path.join(parent, f"disk-{number}")
        with contextlib.suppress(FileExistsError):
            os.mkdir(folder, 0o700)
            return folder
    raise AssertionError("unreachable")


def _remove(folder: str) -> None:
    _make_room(folder)
    _folders.discard(folder)
    _apart.discard(folder)
    shutil.rmtree(folder, ignore_errors=True)


def _make_room(folder: str) -> None:
    _full.pop(folder, None)
    if not _full:
        _limit(None)
        _limits.clear()


def _limit(room: int | None) -> None:
    """Limit the size of files; with None, set the limit that this process had before."""
    if sys.platform == "win32":
        return
    if not _limits:
        _limits.append(resource.getrlimit(resource.RLIMIT_FSIZE))
    soft, hard = _limits[0]
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft if room is None else room, hard))


@functools.cache
def _listen() -> None:
    sys.addaudithook(_hear)


def _hear(event: str, args: tuple[Any, ...]) -> None:
    """Look at an audit event of Python.

    Raises:
        OSError: a file is moved, in one step, onto a disk that is apart, or away from it.
    """
    if not _folders or event not in ("open", "os.rename", "os.link"):
        return
    if event != "open":
        if _disk_of(args[0]) != _disk_of(args[1]) and {_disk_of(args[0]), _disk_of(args[1])} & _apart:
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV), args[0], None, args[1])
    elif _full and args[2] & _WRITING:
        # Files elsewhere can be written as before.
        _limit(_full.get(_disk_of(args[0])))


def _disk_of(path: object) -> str:
    """Return the folder of the disk that a file is on; empty if it is elsewhere."""
    if not isinstance(path, str | bytes | os.PathLike):
        return ""
    folder = os.path.realpath(os.path.dirname(os.fsdecode(path)))
    return next((disk for disk in _folders if folder == disk or folder.startswith(disk + os.sep)), "")
