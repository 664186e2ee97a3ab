"""The folder of a learner's progress: a readable file, and copies of their code. It is safe to delete."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from grader.course import Course
from grader.errors import StateError
from grader.files import digest as digest_of
from grader.files import write_whole

FOLDER = "progress"
STATE_FILE = "progress.yaml"
PASSED, KEPT, STUBS = "passed", "kept", "stubs"
"""Folders for code that passed, for overwritten code, and for stubs as the learner got them."""


def progress_folder(course: Course) -> Path:
    """Return the folder; it may not exist yet."""
    return course.root / FOLDER


def work(course: Course, exercise: str) -> Path:
    """Return the file in which a learner works on an exercise."""
    return course.stubs / f"{exercise}.py"


def read(path: Path) -> bytes | None:
    """Return the content of a file; None if it can't be read."""
    try:
        return path.read_bytes()
    except OSError:
        return None


def digest(content: bytes) -> str:
    """Return a digest of a file's content that doesn't depend on line endings."""
    return digest_of(content.replace(b"\r\n", b"\n"))


def now() -> str:
    """Return the time as progress.yaml has it."""
    return datetime.now().astimezone().strftime("%Y-%m-%d %H:%M")


def write(path: Path, content: bytes) -> None:
    """Write a file completely or not at all.

    Raises:
        StateError: the file can't be written.
    """
    try:
        # If the path is a link, write the file that it points to.
        path = path.resolve()
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, content)
    except OSError as error:
        problem = f"{path} can't be written ({error.strerror or error})"
        raise StateError(f"{problem}. Check that you may write to the folder and that the disk isn't full.") from None


def write_progress(course: Course, path: Path, content: bytes) -> None:
    """Write a file in the folder of progress, which git then ignores.

    Raises:
        StateError: the file can't be written.
    """
    ignored = progress_folder(course) / ".gitignore"
    if not ignored.exists():
        write(ignored, b"*\n")
    write(path, content)


def keep(course: Course, exercise: str, content: bytes) -> Path:
    """Keep code that is about to be overwritten, under a new name; return its path."""
    stamp = datetime.now().astimezone().strftime("%Y-%m-%d-%H%M%S")
    folder = progress_folder(course) / KEPT
    names = (f"{exercise}-{stamp}{'' if number == 1 else f'-{number}'}.py" for number in range(1, 10_000))
    path = next(folder / name for name in names if not (folder / name).exists())
    write_progress(course, path, content)
    return path


def shown(course: Course, path: Path) -> str:
    """Return a path relative to the course's folder, as people type it."""
    try:
        return path.relative_to(course.root).as_posix()
    except ValueError:
        return str(path)
