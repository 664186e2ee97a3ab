"""The folder in which a learner's way is kept: a readable file, and copies of their code. Deleting it harms nothing."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from grader.course import Course
from grader.errors import StateError
from grader.files import digest as digest_of
from grader.files import write_whole

FOLDER = "desk"
STATE_FILE = "progress.yaml"
PASSED, KEPT, STUBS = "passed", "kept", "stubs"
"""Code that passed; work that was overwritten; stubs as they were before anything was written into them."""


def desk_folder(course: Course) -> Path:
    """Return the folder; it need not be there."""
    return course.root / FOLDER


def work(course: Course, exercise: str) -> Path:
    """Return the file in which a learner works on an exercise."""
    return course.stubs / f"{exercise}.py"


def read(path: Path) -> bytes | None:
    """Return what a file holds; None where there is none that can be read."""
    try:
        return path.read_bytes()
    except OSError:
        return None


def digest(content: bytes) -> str:
    """Return what stands for the content of a file, however its lines end."""
    return digest_of(content.replace(b"\r\n", b"\n"))


def now() -> str:
    """Return the time as it is written down."""
    return datetime.now().astimezone().strftime("%Y-%m-%d %H:%M")


def write(path: Path, content: bytes) -> None:
    """Write a file whole or not at all; in our own folder, git is told to leave it alone.

    Raises:
        StateError: it cannot be written.
    """
    try:
        # Whoever has a link there means the file that it leads to.
        path = path.resolve()
        path.parent.mkdir(parents=True, exist_ok=True)
        for folder in path.parents:
            if folder.name == FOLDER and not (folder / ".gitignore").exists():
                (folder / ".gitignore").write_text("*\n", encoding="utf-8")
        write_whole(path, content)
    except OSError as error:
        told = f"{path} can't be written ({error.strerror or error})"
        raise StateError(f"{told}. Check that you may write to the folder and that the disk isn't full.") from None


def keep(course: Course, exercise: str, content: bytes) -> Path:
    """Keep work that is about to be overwritten, under a name of its own; return where."""
    stamp = datetime.now().astimezone().strftime("%Y-%m-%d-%H%M%S")
    folder = desk_folder(course) / KEPT
    names = (f"{exercise}-{stamp}{'' if number == 1 else f'-{number}'}.py" for number in range(1, 10_000))
    path = next(folder / name for name in names if not (folder / name).exists())
    write(path, content)
    return path


def shown(course: Course, path: Path) -> str:
    """Name a file as seen from the course's folder, as people type it."""
    try:
        return path.relative_to(course.root).as_posix()
    except ValueError:
        return str(path)
