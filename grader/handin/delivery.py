"""What arrived: the archives and the loose files of a submission, read with limits, as nobody may trust them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from grader.archives import ZIP, ArchivedFile, contents
from grader.errors import BadArchive
from grader.grading.handed_in import IN_AN_ARCHIVE, MAX_FILE, HandedIn, Unreadable, is_archive, is_folder
from grader.handin.manifest import MANIFEST_PATH

MAX_DEPTH, MAX_FILES, MAX_ARCHIVES = 6, 2_000, 20
"""How deep a submission is searched, how many of its files are looked at, and how many of its archives are opened."""


@dataclass(frozen=True)
class Parcel:
    """An archive, or the loose files of a submission.

    Attributes:
        name: the archive's name; empty for loose files.
        files: its files by path: their content, or the file to read.
        problem: why the archive can't be opened; empty if it can.
    """

    name: str
    files: Mapping[PurePosixPath, bytes | Path]
    problem: str = ""

    def manifests(self) -> list[PurePosixPath]:
        """List the manifests, those in the fewest folders first."""
        paths = [path for path in self.files if path.parts[-2:] == MANIFEST_PATH.parts]
        return sorted(paths, key=lambda path: (len(path.parts), str(path)))

    def content(self, path: PurePosixPath, limit: int = MAX_FILE) -> bytes | None:
        """Return the content of a file; None if there is none, or if it isn't a regular file of bounded size."""
        source = self.files.get(path)
        if source is None:
            return None
        try:
            return HandedIn(path, source).content(limit)
        except Unreadable:
            return None


def parcels_of(root: Path) -> Iterator[Parcel]:
    """Yield the loose files of a submission, then each of its archives.

    Args:
        root: the submission: a folder, or a zip archive.
    """
    if is_archive(root):
        yield opened(root.name, root)
        return
    files: dict[PurePosixPath, Path] = {}
    _list(root, PurePosixPath(), files)
    yield from parcels_among(files)


def parcels_among(files: Mapping[PurePosixPath, Path]) -> Iterator[Parcel]:
    """Yield the loose ones among some files, then each archive among them."""
    archives = [path for path, source in files.items() if is_archive(source)]
    yield Parcel("", {path: source for path, source in files.items() if path.suffix.lower() != ZIP})
    for path in archives[:MAX_ARCHIVES]:
        yield opened(str(path), files[path])


def opened(name: str, archive: Path) -> Parcel:
    """Open an archive."""
    try:
        items = [item for item in contents(archive, IN_AN_ARCHIVE) if isinstance(item, ArchivedFile)]
    except BadArchive as problem:
        return Parcel(name, {}, str(problem))
    return Parcel(name, {item.path: item.content for item in items})


def _list(folder: Path, inside: PurePosixPath, files: dict[PurePosixPath, Path]) -> None:
    try:
        entries = sorted(folder.iterdir())
    except OSError:
        return
    for entry in entries:
        if len(files) >= MAX_FILES:
            return
        if not is_folder(entry):
            files[inside / entry.name] = entry
        elif len(inside.parts) < MAX_DEPTH and entry.name not in (".git", "__pycache__"):
            _list(entry, inside / entry.name, files)
