"""Writes what was handed in to the submissions' folders, and changes nothing that someone edited there."""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from grader.archives import DISK_FULL, LeftOut
from grader.collect.model import Attempt, SubmittedFile
from grader.collect.records import FolderRecord, WrittenFile
from grader.errors import CollectError
from grader.files import digest, reason, write_whole

SUBMISSIONS, EARLIER, CONFLICTS = "submissions", "earlier", "conflicts"
"""The folders for the attempts that count, for earlier attempts, and for newer files than those that you edited."""
READ_ONLY = (errno.EROFS, errno.EACCES, errno.EPERM)


@dataclass
class Update:
    """What happened to a submission's folder.

    Attributes:
        folder: the name of the folder.
        is_new: whether the folder is new.
        written: the files that are new, or replaced an older version.
        replaced: the files whose older version is in `earlier` now, or that only an older version had.
        kept: the files of earlier downloads that this one doesn't have.
        conflicts: the files that you edited and that are newer in the download.
        left_out: the files that could not be written, and why.
    """

    folder: str
    is_new: bool = False
    written: list[str] = field(default_factory=list)
    replaced: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    conflicts: list[str] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)

    @property
    def is_changed(self) -> bool:
        """Say whether something in a folder that was there before is different now."""
        return not self.is_new and bool(self.written or self.replaced)


class Writer:
    """Writes into the folder of one class.

    Args:
        out: the folder for everything that is collected.
        assignment: what the download is for; empty if it isn't known.
    """

    def __init__(self, out: Path, assignment: str) -> None:
        self._out, self._assignment = out, assignment

    def write(self, name: str, record: FolderRecord, attempts: Sequence[Attempt]) -> Update:
        """Write the last attempt to the submission's folder, and the others next to it.

        Args:
            name: the name of the submission's folder.
            record: what earlier runs wrote to it; updated.
            attempts: the attempts, from the first to the last.

        Raises:
            CollectError: the folder cannot be written, or the disk is full.
        """
        folder = self._out / SUBMISSIONS / name
        update = Update(name, is_new=not folder.exists())
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _cannot_write(folder, error) from None
        *before, last = attempts
        for attempt in before:
            self._write_earlier(name, attempt, update)
        archive = _free(self._out / EARLIER / name)
        new = {str(file.path) for file in last.files}
        for path, written in list(record.files.items()):
            if path not in new and self._is_replaced(path, written, new):
                self._put_away(folder, path, record, archive, update)
        for file in last.files:
            self._write_file(folder, file, record, archive, update)
        update.kept = sorted(path for path in record.files.keys() - new if (folder / path).exists())
        return update

    def _write_file(
        self, folder: Path, file: SubmittedFile, record: FolderRecord, archive: Path, update: Update
    ) -> None:
        path, target = str(file.path), folder / file.path
        for content in self._content(file, update):
            new, known = digest(content), record.files.get(path)
            old = _digest_of(target)
            if old == new:
                record.files[path] = WrittenFile(new, self._assignment)
                continue
            if old is not None and (known is None or known.digest != old):
                aside = self._out / CONFLICTS / update.folder / file.path
                if _digest_of(aside) not in (None, new):
                    self._save(archive / file.path, aside.read_bytes(), path, update)
                self._save(aside, content, path, update)
                update.conflicts.append(path)
                continue
            if old is not None:
                self._save(archive / file.path, target.read_bytes(), path, update)
                update.replaced.append(path)
            if self._save(target, content, path, update):
                record.files[path] = WrittenFile(new, self._assignment)
                update.written.append(path)

    def _is_replaced(self, path: str, written: WrittenFile, new: set[str]) -> bool:
        """Say whether a file of an earlier download is superseded by this one, although that has no such file."""
        if self._assignment and written.assignment == self._assignment:
            return True
        return _stem(path) in {_stem(other) for other in new}

    def _put_away(self, folder: Path, path: str, record: FolderRecord, archive: Path, update: Update) -> None:
        target = folder / path
        old = _digest_of(target)
        if old is None:
            del record.files[path]
        elif old == record.files[path].digest and self._save(archive / path, target.read_bytes(), path, update):
            target.unlink()
            del record.files[path]
            update.replaced.append(path)

    def _write_earlier(self, name: str, attempt: Attempt, update: Update) -> None:
        for file in attempt.files:
            for content in self._content(file, update):
                folder, number, new = self._out / EARLIER / name, 1, digest(content)
                target = folder / attempt.name / file.path
                while _digest_of(target) not in (None, new):
                    number += 1
                    target = folder / f"{attempt.name}-{number}" / file.path
                if _digest_of(target) is None:
                    self._save(target, content, f"{file.path} of an earlier attempt", update)

    def _content(self, file: SubmittedFile, update: Update) -> Iterator[bytes]:
        """Read a file of the download; yield nothing if that isn't possible."""
        try:
            yield file.source.read_bytes()
        except OSError as error:
            update.left_out.append(LeftOut(f"{update.folder}/{file.path}", f"can't be read ({reason(error)})"))

    def _save(self, target: Path, content: bytes, shown: str, update: Update) -> bool:
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            write_whole(target, content)
        except (OSError, ValueError) as error:
            if isinstance(error, OSError) and error.errno in (*DISK_FULL, *READ_ONLY):
                raise _cannot_write(target, error) from None
            update.left_out.append(LeftOut(f"{update.folder}/{shown}", f"can't be written ({reason(error)})"))
            return False
        return True


def _cannot_write(path: Path, error: OSError) -> CollectError:
    return CollectError(
        f"{path} cannot be written ({reason(error)}). Make space or choose another folder with --out, and run the same "
        "command again."
    )


def _digest_of(path: Path) -> str | None:
    """Return the digest of a file; None if there is none."""
    try:
        return digest(path.read_bytes())
    except OSError:
        return None


def _stem(path: str) -> str:
    """Return what different versions of a file have in common: its name without suffix and without `-1` or ` (1)`."""
    pure = PurePosixPath(path)
    stem = re.sub(r"(?:-\d{1,3}| ?\(\d{1,3}\))$", "", pure.stem)
    return str(pure.with_name(stem or "_")).casefold()


def _free(folder: Path) -> Path:
    """Return the first folder for replaced files that doesn't exist yet."""
    number = 1
    while (folder / f"replaced-{number}").exists():
        number += 1
    return folder / f"replaced-{number}"
