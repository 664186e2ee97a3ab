"""Zip archives from people who may mean harm: reads their files without trusting a name, a size or a number in them.

Nothing is written here unless `unpack` is asked to, and then only regular files inside its folder.
"""

from __future__ import annotations

import contextlib
import errno
import io
import lzma
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from grader.errors import BadArchive
from grader.files import reason

ZIP = ".zip"
SYSTEM_FILES = frozenset({".ds_store", "thumbs.db", "desktop.ini", "ehthumbs.db", "icon\r"})
"""Files that operating systems put into folders and archives, in lower case."""
SYSTEM_FOLDERS = frozenset({"__macosx", ".spotlight-v100", ".trashes", ".fseventsd"})
DISK_FULL = (errno.ENOSPC, errno.EDQUOT)
ENTRY_BYTES = 2**11
"""The bytes of an archive's list of contents that we allow for each file in it."""

_DAMAGED = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, ValueError, struct.error, OverflowError)
_END, _END_LOCATOR_64, _END_64 = b"PK\x05\x06", b"PK\x06\x07", b"PK\x06\x06"
_END_SIZE, _LOCATOR_SIZE, _LONGEST_COMMENT = 22, 20, 2**16 - 1
_IN_UTF_8, _ENCRYPTED = 0x800, 0x1
"""The flags of an entry whose name is in UTF-8, and of one that needs a password."""


@dataclass(frozen=True)
class Limits:
    """How much an archive may contain; what is beyond is left out, with the reason.

    Attributes:
        files: the number of files and folders.
        file_bytes: the unpacked bytes of one file.
        bytes: the unpacked bytes of all files together.
        depth: the number of folders that a file may be in.
        nested: how many levels of archives inside the archive are opened, too; 0 leaves them as files.
    """

    files: int = 2_000
    file_bytes: int = 2**28
    bytes: int = 2**29
    depth: int = 20
    nested: int = 2


@dataclass(frozen=True)
class ArchivedFile:
    """A regular file from an archive: its path in it, without `..` and not absolute, and its content.

    The content of an archive in the archive is in a folder with that archive's name, without `.zip`.
    """

    path: PurePosixPath
    content: bytes


@dataclass(frozen=True)
class LeftOut:
    """A file that was not taken: its name, as the archive has it, and why: the end of "It was left out: it …"."""

    name: str
    why: str


def is_zip(path: Path) -> bool:
    """Say whether a regular file is named like a zip archive."""
    return path.suffix.lower() == ZIP and path.is_file() and not path.is_symlink()


def is_system_file(path: PurePosixPath | Path) -> bool:
    """Say whether a file comes from an operating system and not from a person: `.DS_Store`, `__MACOSX/…`."""
    names = [name.lower() for name in path.parts]
    return bool(names) and (
        names[-1] in SYSTEM_FILES or names[-1].startswith("._") or any(name in SYSTEM_FOLDERS for name in names)
    )


def contents(archive: Path | bytes, limits: Limits | None = None) -> Iterator[ArchivedFile | LeftOut]:
    """Read the files of a zip archive one after another; folders, and files of operating systems, are passed over.

    Args:
        archive: the archive's file, or its content.
        limits: how much it may contain.

    Yields:
        Each file, or what was left out and why. No path is yielded twice.

    Raises:
        BadArchive: it isn't a zip archive that can be read; the message doesn't name it.
    """
    yield from _Reader(limits or Limits()).read(archive, PurePosixPath(), 0)


def unpack(archive: Path | bytes, folder: Path, limits: Limits | None = None) -> tuple[list[Path], list[LeftOut]]:
    """Unpack a zip archive with its folders; existing files are kept, and nothing is written outside of the folder.

    Args:
        archive: the archive's file, or its content.
        folder: the folder; created if it doesn't exist. Nobody else may write to it meanwhile.
        limits: how much the archive may contain.

    Returns:
        The files that were written, and what was left out.

    Raises:
        BadArchive: it isn't a zip archive that can be read.
        OSError: the folder cannot be made, or the disk is full.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    left_out: list[LeftOut] = []
    reader = _Reader(limits or Limits())
    for item in reader.read(archive, PurePosixPath(), 0):
        if isinstance(item, LeftOut):
            left_out.append(item)
            continue
        path = folder.joinpath(*item.path.parts)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as file:
                file.write(item.content)
        except FileExistsError:
            left_out.append(LeftOut(str(item.path), "has the same name as another file"))
        except (OSError, ValueError) as error:
            if isinstance(error, OSError) and error.errno in DISK_FULL:
                raise
            left_out.append(LeftOut(str(item.path), f"can't be written here ({reason(error)})"))
        else:
            written.append(path)
    for inner in reader.folders:
        with contextlib.suppress(OSError, ValueError):
            folder.joinpath(*inner.parts).mkdir(parents=True, exist_ok=True)
    return written, left_out


class _Reader:
    """Reads an archive and the archives in it, all within the same limits.

    Attributes:
        folders: the folders of the archive itself that were listed so far, of which some may be empty.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._files, self._bytes = limits.files, limits.bytes
        self._taken: set[str] = set()
        self.folders: list[PurePosixPath] = []

    def read(self, archive: Path | bytes, inside: PurePosixPath, level: int) -> Iterator[ArchivedFile | LeftOut]:
        """Read one archive; its files get paths below `inside`."""
        try:
            with archive.open("rb") if isinstance(archive, Path) else io.BytesIO(archive) as file:
                self._check_end(file)
                with zipfile.ZipFile(file) as opened:
                    entries = opened.infolist()
                    for number, entry in enumerate(entries):
                        if self._files == 0:
                            why = f"is beyond the {self._limits.files} files that an archive may contain"
                            yield LeftOut(str(inside / f"{len(entries) - number} more files"), why)
                            return
                        self._files -= 1
                        yield from self._entry(opened, entry, inside, level)
        except OSError as error:
            raise BadArchive(f"it can't be read ({reason(error)})") from None
        except (*_DAMAGED, NotImplementedError, RuntimeError):
            raise BadArchive("it isn't a zip archive, or it is damaged") from None

    def _entry(
        self, opened: zipfile.ZipFile, entry: zipfile.ZipInfo, inside: PurePosixPath, level: int
    ) -> Iterator[ArchivedFile | LeftOut]:
        name = _name(entry)
        shown = str(inside / name.lstrip("/")) if inside.parts else name
        path = _safe(name)
        if isinstance(path, str):
            yield LeftOut(shown, path)
            return
        if not path.parts or is_system_file(path):
            return
        if name.endswith("/"):
            if not inside.parts and len(path.parts) <= self._limits.depth:
                self.folders.append(path)
            return
        path = inside / path
        kind = stat.S_IFMT(entry.external_attr >> 16)
        if kind not in (0, stat.S_IFREG):
            yield LeftOut(shown, "is a link" if kind == stat.S_IFLNK else "isn't a regular file")
        elif len(path.parts) > self._limits.depth + 1:
            yield LeftOut(shown, f"is in more than {self._limits.depth} folders")
        elif path.as_posix().casefold() in self._taken:
            yield LeftOut(shown, "has the same name as another file")
        else:
            content = self._content(opened, entry)
            if isinstance(content, str):
                yield LeftOut(shown, content)
                return
            self._taken.add(path.as_posix().casefold())
            if path.suffix.lower() == ZIP and level < self._limits.nested:
                yield from self._nested(content, path, level)
            else:
                yield ArchivedFile(path, content)

    def _nested(self, content: bytes, path: PurePosixPath, level: int) -> Iterator[ArchivedFile | LeftOut]:
        try:
            yield from self.read(content, path.with_suffix(""), level + 1)
        except BadArchive as problem:
            yield LeftOut(str(path), f"can't be unpacked: {problem}")

    def _content(self, opened: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes | str:
        """Return the content of a file, or why there is none."""
        limit = min(self._limits.file_bytes, self._bytes)
        too_large = f"is larger than {in_mebibytes(self._limits.file_bytes)}"
        if limit < self._limits.file_bytes:
            too_large = f"is beyond the {in_mebibytes(self._limits.bytes)} that an archive may contain"
        if entry.flag_bits & _ENCRYPTED:
            return "needs a password"
        if entry.file_size > limit:
            return too_large
        try:
            with opened.open(entry) as file:
                # The size in the archive may be a lie.
                content = file.read(limit + 1)
        except NotImplementedError:
            return "is compressed in a way that Python can't read"
        except (*_DAMAGED, RuntimeError, OSError):
            return "is damaged"
        if len(content) > limit:
            return too_large
        self._bytes -= len(content)
        return content

    def _check_end(self, file: BinaryIO) -> None:
        """Check the size of the list of contents, which Python reads as a whole, before it does.

        Raises:
            BadArchive: it is too large.
        """
        file.seek(0, io.SEEK_END)
        size = file.tell()
        start = max(0, size - _END_SIZE - _LONGEST_COMMENT - _LOCATOR_SIZE)
        file.seek(start)
        tail = file.read()
        end = tail.rfind(_END)
        if end < 0 or len(tail) < end + _END_SIZE:
            raise BadArchive("it isn't a zip archive, or it is damaged")
        (short,) = struct.unpack_from("<L", tail, end + 12)
        listed = [] if short == 2**32 - 1 else [short]
        if tail[max(0, end - _LOCATOR_SIZE) :].startswith(_END_LOCATOR_64):
            (offset,) = struct.unpack_from("<Q", tail, end - _LOCATOR_SIZE + 8)
            # Python looks directly before the locator, and an archive with a prefix is found only there.
            for position in (offset, start + end - _LOCATOR_SIZE - 56):
                file.seek(min(max(position, 0), size))
                record = file.read(56)
                if len(record) == 56 and record.startswith(_END_64):
                    listed.append(struct.unpack_from("<Q", record, 40)[0])
        if max(listed, default=short) > self._limits.files * ENTRY_BYTES:
            raise BadArchive(f"it contains far more than the {self._limits.files} files that it may contain")
        file.seek(0)


def in_mebibytes(count: int) -> str:
    """Write a number of bytes in MiB."""
    return f"{count / 2**20:.3g} MiB"


def _name(entry: zipfile.ZipInfo) -> str:
    """Return the name of an entry with `/` between folders.

    Some programs write UTF-8 without saying so, which Python then reads as cp437, and some write backslashes.
    """
    name = entry.filename
    if not entry.flag_bits & _IN_UTF_8:
        with contextlib.suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    return name.replace("\\", "/")


def _safe(name: str) -> PurePosixPath | str:
    """Return a name as a path below the archive's root, or why it isn't one."""
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if name.startswith("/") or re.match(r"[A-Za-z]:", name) or ".." in parts:
        return "has a name that leads out of the archive"
    if not all(part.isprintable() for part in parts):
        return "has a name with characters that can't be printed"
    return PurePosixPath(*parts)
