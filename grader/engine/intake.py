"""Intake: which files of a submission are taken, and what is said of the others. Nothing is executed here."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.course import Course
from grader.errors import NoSubmissions

MAX_FILE = 2**20
MAX_NAMED = 20
INNER_FOLDER = "exercises"


@dataclass(frozen=True)
class Submission:
    """A learner's modules as they were taken in.

    Attributes:
        id: the folder's name.
        sources: the bytes of each module, by exercise id.
        notes: a sentence for each file that was not taken.
        checks: the ids of the checks to run, all of them by default; the others are skipped.
    """

    id: str
    sources: dict[str, bytes]
    notes: tuple[str, ...]
    checks: frozenset[str] | None = None


def find_submissions(path: Path, course: Course) -> list[Path]:
    """List the folders to grade: the path itself where it holds modules, else every folder in it.

    Raises:
        NoSubmissions: there are none; the message says what was looked for.
    """
    if not path.exists():
        raise NoSubmissions(f"There is nothing at {path}. Name a submission's folder, or a folder of such folders.")
    if not path.is_dir():
        raise NoSubmissions(f"{path} is a file. Name the folder that it lies in: grader grade {path.parent}")
    if _has_modules(path, course) or _holds_inner(path, course):
        return [path]
    folders = sorted(entry for entry in path.iterdir() if _is_folder(entry) and not entry.name.startswith((".", "__")))
    if not folders:
        names = ", ".join(f"{exercise.id}.py" for exercise in course.exercises[:3])
        raise NoSubmissions(
            f"{path} holds neither modules ({names}, …) nor folders of submissions. Name another folder."
        )
    return folders


def take_in(folder: Path, course: Course) -> Submission:
    """Read the modules of a submission: regular files with the contract's names, of bounded size, by `lstat`.

    A module that cannot be taken is left out with a note, and so is whatever else lies in the folder.
    """
    root = folder
    if not _has_modules(folder, course) and _holds_inner(folder, course):
        root = folder / INNER_FOLDER
    sources: dict[str, bytes] = {}
    notes: list[str] = []
    ignored: list[str] = []
    wanted = {f"{exercise.id}.py": exercise.id for exercise in course.exercises}
    for entry in _entries(root, notes):
        if entry.name not in wanted:
            if not entry.name.startswith((".", "__pycache__")) and not entry.name.endswith(".md"):
                ignored.append(_shown(entry.name))
            continue
        problem = _problem(entry)
        if problem:
            notes.append(f"{entry.name} was not taken: it is {problem}.")
            continue
        try:
            sources[wanted[entry.name]] = _read(entry)
        except OSError as error:
            notes.append(f"{entry.name} was not taken: it cannot be read ({error.strerror}).")
    if ignored:
        more = f" and {len(ignored) - MAX_NAMED} more" if len(ignored) > MAX_NAMED else ""
        notes.append(
            f"Ignored: {', '.join(ignored[:MAX_NAMED])}{more}. Only modules with the exercises' names are taken."
        )
    if not sources:
        notes.append("There is no module in this submission.")
    return Submission(_shown(folder.resolve().name), sources, tuple(notes))


def write_files(submission: Submission, folder: Path) -> dict[str, Path]:
    """Write a submission's modules into a folder of our own; return the file of each exercise."""
    files = {}
    for name, source in submission.sources.items():
        files[name] = folder / f"{name}.py"
        files[name].write_bytes(source)
    return files


def _entries(root: Path, notes: list[str]) -> Sequence[Path]:
    try:
        return sorted(root.iterdir())
    except OSError as error:
        notes.append(f"The folder cannot be read ({error.strerror}).")
        return []


def _problem(path: Path) -> str:
    status = path.lstat()
    if stat.S_ISLNK(status.st_mode):
        return "a link; hand in the file itself"
    if not stat.S_ISREG(status.st_mode):
        return "not a regular file"
    if status.st_size > MAX_FILE:
        return f"{status.st_size / 2**20:.1f} MiB long, over the limit of {MAX_FILE / 2**20:.0f} MiB"
    return ""


def _read(path: Path) -> bytes:
    """Read a regular file, and nothing that has been put in its place since it was looked at."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(descriptor, "rb") as file:
        return file.read(MAX_FILE + 1)


def _has_modules(folder: Path, course: Course) -> bool:
    return any(os.path.lexists(folder / f"{exercise.id}.py") for exercise in course.exercises)


def _holds_inner(folder: Path, course: Course) -> bool:
    """Say whether modules lie in `exercises/`; a link of that name leads out of the submission, and is not followed."""
    inner = folder / INNER_FOLDER
    return _is_folder(inner) and _has_modules(inner, course)


def _shown(name: str) -> str:
    """Write a file's name in printable characters; what is no UTF-8 as an escape, so that names stay apart."""
    text = os.fsencode(name).decode("utf-8", "backslashreplace")
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in text)


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()
