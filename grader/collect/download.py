"""The files of a download: an archive is unpacked, and a folder is read without following links."""

from __future__ import annotations

import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from grader.archives import ZIP, LeftOut, Limits, in_mebibytes, is_system_file, unpack
from grader.collect.model import SubmittedFile
from grader.errors import BadArchive, CollectError
from grader.files import reason

WHOLE_CLASS = Limits(files=200_000, file_bytes=2**28, bytes=2**34, nested=0)
ONE_SUBMISSION = Limits(files=2_000, file_bytes=2**28)
TOOLS = frozenset({".git", "__pycache__", ".ipynb_checkpoints", ".pytest_cache", ".mypy_cache", ".ruff_cache"})
"""Folders that tools make, which contain nobody's work; they are passed over without a remark."""


@contextmanager
def opened(download: Path) -> Iterator[tuple[Path, tuple[LeftOut, ...]]]:
    """Give the folder with a download's files, and what of an archive could not be unpacked.

    Raises:
        CollectError: there is no such download, or it cannot be read.
    """
    if download.is_dir():
        yield download, ()
        return
    if not download.exists():
        raise CollectError(
            f"{download} doesn't exist. Name the platform's download: a zip file, or an unpacked folder."
        )
    if not _is_archive(download):
        raise CollectError(f"{download} is neither a zip file nor a folder. Name the platform's download.")
    with tempfile.TemporaryDirectory(prefix="collect-") as folder:
        try:
            _, left_out = unpack(download, Path(folder), WHOLE_CLASS)
        except BadArchive as problem:
            raise CollectError(f"{download} cannot be unpacked: {problem}. Download it again.") from None
        except OSError as error:
            raise CollectError(f"{download} cannot be unpacked in {folder} ({reason(error)}). Make space.") from None
        yield Path(folder), tuple(left_out)


def _is_archive(path: Path) -> bool:
    """Say whether a file is an archive, by its name or by how it begins."""
    try:
        with path.open("rb") as file:
            return path.suffix.lower() == ZIP or file.read(2) == b"PK"
    except OSError:
        return False


def entries(folder: Path) -> list[Path]:
    """List what is in a folder, in the order of the names, without the files of operating systems.

    Raises:
        CollectError: the folder cannot be read.
    """
    try:
        inside = sorted(folder.iterdir())
    except OSError as error:
        raise CollectError(f"{folder} cannot be read ({reason(error)}).") from None
    return [entry for entry in inside if not is_system_file(PurePosixPath(entry.name)) and entry.name not in TOOLS]


def is_folder(path: Path) -> bool:
    """Say whether a path is a folder, and not a link to one."""
    return path.is_dir() and not path.is_symlink()


def problem_with(path: Path) -> str:
    """Say why a file can't be taken; empty if it can."""
    try:
        status = path.lstat()
    except OSError as error:
        return f"can't be read ({reason(error)})"
    if stat.S_ISLNK(status.st_mode):
        return "is a link"
    if not stat.S_ISREG(status.st_mode):
        return "isn't a regular file"
    if status.st_size > ONE_SUBMISSION.file_bytes:
        return f"is larger than {in_mebibytes(ONE_SUBMISSION.file_bytes)}"
    return ""


def files_below(folder: Path, root: Path) -> tuple[list[SubmittedFile], list[LeftOut]]:
    """List the files of a submission's folder, those in the fewest folders first, and what can't be taken.

    Args:
        folder: the submission's folder.
        root: the folder from which messages name files.
    """
    files: list[SubmittedFile] = []
    left_out: list[LeftOut] = []
    waiting, beyond = [folder], 0
    while waiting:
        inner: list[Path] = []
        for current in waiting:
            try:
                inside = entries(current)
            except CollectError:
                left_out.append(LeftOut(_named(current, root), "is a folder that can't be read"))
                continue
            for entry in inside:
                path = PurePosixPath(*entry.relative_to(folder).parts)
                if is_folder(entry):
                    if len(path.parts) > ONE_SUBMISSION.depth:
                        left_out.append(LeftOut(_named(entry, root), "is too deep in other folders"))
                    else:
                        inner.append(entry)
                elif problem := problem_with(entry):
                    left_out.append(LeftOut(_named(entry, root), problem))
                elif len(files) == ONE_SUBMISSION.files:
                    beyond += 1
                else:
                    files.append(SubmittedFile(path, entry))
        waiting = inner
    if beyond:
        why = f"is beyond the {ONE_SUBMISSION.files} files that a submission may have"
        left_out.append(LeftOut(f"{_named(folder, root)}: {beyond} more files", why))
    return files, left_out


def _named(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix()
