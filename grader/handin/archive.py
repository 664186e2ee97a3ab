"""The archive: a zip file with the modules on top, and the manifest in a folder that grading passes over."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from grader.archives import ZIP
from grader.errors import UsageError
from grader.handin.manifest import MANIFEST_PATH
from grader.writing import write_report

PREFIX = "hand-in-"
MAX_ARCHIVES = 10_000
EARLIEST = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip archive can give a file."""


def zip_of(files: Mapping[str, bytes], manifest: bytes | None, created: datetime) -> bytes:
    """Return a zip archive; all its files have the same time.

    Args:
        files: the files by name.
        manifest: the manifest; None leaves it out.
        created: when the archive was made.
    """
    every = {MANIFEST_PATH.as_posix(): manifest} if manifest is not None else {}
    time = max(created.timetuple()[:6], EARLIEST)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {**every, **files}.items():
            entry = zipfile.ZipInfo(name, time)
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def place_for(name: str, out: Path | None, folder: Path) -> tuple[Path, Path | None]:
    """Choose where an archive is written, so that it replaces none.

    Args:
        name: what it is called after.
        out: where the learner wants it: a file, or a folder; None if they don't say.
        folder: the folder in which it is written then.

    Returns:
        The path, and the newest archive of the same name that is there already; None if there is none.

    Raises:
        UsageError: the name doesn't end in `.zip`.
    """
    wanted = folder / f"{PREFIX}{name}{ZIP}"
    if out is not None:
        wanted = out / wanted.name if out.is_dir() else out
    if wanted.suffix.lower() != ZIP:
        raise UsageError(f"{wanted} isn't the name of a zip archive. Let it end in {ZIP}: --out {wanted.name}{ZIP}")
    earlier: Path | None = None
    for number in range(1, MAX_ARCHIVES):
        path = wanted if number == 1 else wanted.with_name(f"{wanted.stem}-{number}{wanted.suffix}")
        if not (path.exists() or path.is_symlink()):
            return path, earlier
        earlier = path
    raise UsageError(f"There are {MAX_ARCHIVES} archives called {wanted.stem} already. Name another file: --out FILE")


def write_archive(path: Path, content: bytes) -> None:
    """Write an archive completely or not at all.

    Raises:
        NotWritten: it cannot be written; the message says what to do.
    """
    write_report(path, content)
