"""The files of a submission: those in its folder, a few folders deeper, and in zip archives. Nothing is executed."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from grader.archives import LeftOut, Limits, contents, is_system_file, is_zip
from grader.course import COURSE_FILE
from grader.errors import BadArchive

MODULE, NOTEBOOK = ".py", ".ipynb"
DISGUISES = (".txt", ".pyw", ".json", "")
"""How the names of files end in which mail programs and browsers hide code: `layer_norm.py.txt`."""
OTHER_ARCHIVES = (".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz")
"""How the names of archives end that we can't open."""
INNER_FOLDER = "exercises"
MAX_FILE = 2**20
MAX_NOTEBOOK = 2**28
"""The most bytes of a module, and of a notebook, which may contain a lot of output."""
MAX_DEPTH, MAX_FILES = 6, 2_000
"""How many folders deep a submission is read, and how many files and folders of it."""
IN_AN_ARCHIVE = Limits(files=MAX_FILES, file_bytes=2**26, bytes=2**27, depth=2 * MAX_DEPTH, nested=2)
TOOLS = frozenset({"__pycache__", "__macosx", "node_modules", "site-packages", "venv", "env", "virtualenv", "figures"})
"""Folders of tools, in lower case, and the one of the lessons' pictures; none contains answers."""
COURSE_FOLDERS = frozenset(
    {"benchmarks", "capstone", "docs", "grader", "pictures", "progress", "solutions", "tests", "submissions"}
)
"""Folders that a copy of the course has next to `exercises/`, and in which no answers of the learner are."""
TYPED = "onlinetext.html"
PLATFORM_FILES = frozenset({"timestamp.txt", TYPED})
"""Files that a learning platform or nbgrader puts next to what was handed in, in lower case."""


KEPT = ".grader"
"""The folder, next to the reports, in which results are kept for the next run."""
OUR_FOLDERS = ("reports", "gradescope", "marking")
OUR_FILES = (
    "results.json",
    "grades.csv",
    "receipts.csv",
    "questions.csv",
    "names.csv",
    "class.html",
    "canvas.csv",
    "moodle.csv",
    "junit.xml",
)
"""What a run writes into the folder for its reports."""


class Unreadable(Exception):
    """A file cannot be used; the text says what it is, as the end of a sentence."""


@dataclass(frozen=True)
class HandedIn:
    """A file that was handed in.

    Attributes:
        path: where it is in the submission; an archive counts as a folder.
        source: the file itself, or the content of a file in an archive.
    """

    path: PurePosixPath
    source: Path | bytes

    @property
    def name(self) -> str:
        """The file's name, in printable characters."""
        return shown(self.path.name)

    @property
    def shown(self) -> str:
        """The path, in printable characters."""
        return shown(str(self.path))

    @property
    def kind(self) -> str:
        """The suffix, in lower case."""
        return self.path.suffix.lower()

    @property
    def folder(self) -> PurePosixPath:
        """The folder that it is in."""
        return self.path.parent

    def content(self, limit: int) -> bytes:
        """Return the bytes of a regular file.

        Raises:
            Unreadable: it isn't a regular file, is too large, or cannot be read.
        """
        if isinstance(self.source, bytes):
            _check_size(len(self.source), limit)
            return self.source
        try:
            status = self.source.lstat()
            if stat.S_ISLNK(status.st_mode):
                raise Unreadable("a link; hand in the file itself")
            if not stat.S_ISREG(status.st_mode):
                raise Unreadable("not a regular file")
            _check_size(status.st_size, limit)
            return _read(self.source, limit)
        except OSError as error:
            raise Unreadable(f"not readable ({error.strerror})") from None


@dataclass
class Files:
    """What a submission consists of.

    Attributes:
        files: its files; those of tools and platforms are left out.
        lost: a sentence about each thing that could not be opened.
        typed: the file with what was typed into a platform's text box, if there is one.
    """

    files: list[HandedIn] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    typed: str = ""


def files_of(root: Path) -> Files:
    """List the files of a submission, those on top first.

    Args:
        root: its folder or its zip archive.
    """
    collected = Files()
    if is_archive(root):
        _open_archive(root, PurePosixPath(), collected)
    else:
        _list_folder(root, PurePosixPath(), collected)
    if len(collected.files) > MAX_FILES:
        collected.lost.append(f"Only the first {MAX_FILES} files were read. Hand in only your own work.")
        del collected.files[MAX_FILES:]
    collected.files = _without_the_course(collected.files)
    collected.files.sort(key=lambda file: (len(file.path.parts), str(file.path)))
    return collected


def _list_folder(folder: Path, inside: PurePosixPath, collected: Files) -> None:
    try:
        # Answers first: there may be too many files to read them all.
        entries = sorted(folder.iterdir(), key=lambda entry: (entry.suffix not in (MODULE, NOTEBOOK), entry.name))
    except OSError as error:
        what = f"The folder {shown(str(inside))}" if inside.parts else "The folder"
        collected.lost.append(f"{what} cannot be read ({error.strerror}).")
        return
    is_a_course = any(entry.name in (INNER_FOLDER, COURSE_FILE) for entry in entries)
    has_reports = any(entry.name == KEPT for entry in entries)
    for entry in entries:
        if len(collected.files) > MAX_FILES:
            return
        path = inside / entry.name
        collected.typed = collected.typed or (shown(str(path)) if entry.name == TYPED else "")
        if has_reports and (entry.name in (*OUR_FOLDERS, *OUR_FILES)):
            continue
        if is_of_a_tool(path) or (is_a_course and entry.name.lower() in COURSE_FOLDERS):
            continue
        if is_folder(entry):
            if entry.suffix in (MODULE, NOTEBOOK):
                collected.files.append(HandedIn(path, entry))
            if len(path.parts) <= MAX_DEPTH:
                _list_folder(entry, path, collected)
            else:
                collected.lost.append(f"{shown(str(path))} was not opened: it is in more than {MAX_DEPTH} folders.")
        elif is_archive(entry):
            _open_archive(entry, path, collected)
        else:
            collected.files.append(HandedIn(path, entry))


def _open_archive(archive: Path, inside: PurePosixPath, collected: Files) -> None:
    name = shown(archive.name)
    try:
        for item in contents(archive, IN_AN_ARCHIVE):
            if isinstance(item, LeftOut):
                collected.lost.append(f"In {name}, {shown(item.name)} was left out: it {item.why}.")
            elif not any(is_of_a_tool(PurePosixPath(part)) for part in item.path.parts):
                # Only answers are kept, so that a large archive needs little memory.
                may_be_answer = item.path.suffix.lower() in (MODULE, NOTEBOOK, *DISGUISES)
                path = inside.joinpath(*item.path.parts)
                collected.files.append(HandedIn(path, item.content if may_be_answer else b""))
    except BadArchive as problem:
        collected.lost.append(f"{name} could not be unpacked: {problem}. Ask for the files themselves.")


def _without_the_course(files: Sequence[HandedIn]) -> list[HandedIn]:
    """Leave out the folders that a copy of the course has next to `exercises/` or `course.yaml`."""
    copies = {
        file.path.parts[:number]
        for file in files
        for number, part in enumerate(file.path.parts)
        if part in (INNER_FOLDER, COURSE_FILE)
    }
    return [
        file
        for file in files
        if not any(
            part.lower() in COURSE_FOLDERS and file.path.parts[:number] in copies
            for number, part in enumerate(file.path.parts[:-1])
        )
    ]


def is_of_a_tool(path: PurePosixPath) -> bool:
    """Say whether a file or folder comes from a tool or a platform, so that it needs no remark, by its last name."""
    name = path.name.lower()
    return name.startswith(".") or name in TOOLS or name in PLATFORM_FILES or is_system_file(path)


def is_folder(path: Path) -> bool:
    """Say whether it is a folder, and not a link to one; what can't be looked at isn't."""
    try:
        return path.is_dir() and not path.is_symlink()
    except OSError:
        return False


def is_archive(path: Path) -> bool:
    """Say whether it is a file that is called a zip archive; what can't be looked at isn't."""
    try:
        return is_zip(path)
    except OSError:
        return False


def shown(name: str) -> str:
    """Write a file's name in printable characters, with escapes for the others, so that names stay different."""
    text = os.fsencode(name).decode("utf-8", "backslashreplace")
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def _check_size(size: int, limit: int) -> None:
    if size > limit:
        raise Unreadable(f"{size / 2**20:.1f} MiB large, over the limit of {limit / 2**20:g} MiB")


def _read(path: Path, limit: int) -> bytes:
    """Read a regular file, but not a link or pipe that has replaced it since we looked."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(descriptor, "rb") as file:
        return file.read(limit + 1)
