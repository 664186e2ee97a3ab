"""Intake: which files of a submission are taken, and what is said of the others. Nothing is executed here."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from grader.course import Course
from grader.errors import CourseError, NoSubmissions
from grader.files import digest
from grader.grading.notebook import Module, NotANotebook, Notebook, module_of, read_notebook
from grader.text import listed

MAX_FILE = 2**20
MAX_NOTEBOOK = 2**28
"""Bytes of a module, and of a notebook, which may hold a lot of output."""
MODULE, NOTEBOOK = ".py", ".ipynb"
BUNDLE = "grader.zip"
"""What a notebook needs beside it to run its checks; it goes out with a notebook, and comes back with it."""
MAX_NAMED = 20
INNER_FOLDER = "exercises"
FIGURES = "figures"
"""The lessons' pictures, which lie beside the modules in a learner's copy."""


@dataclass(frozen=True)
class Submission:
    """A learner's modules as they were taken in.

    Attributes:
        id: the folder's name.
        sources: the bytes of each module, by exercise id.
        notes: a sentence for each file that was not taken.
        checks: the ids of the checks to run, all of them by default; the others are skipped.
        exercises: the ids of the exercises whose checks run, all of them by default.
    """

    id: str
    sources: dict[str, bytes]
    notes: tuple[str, ...]
    checks: frozenset[str] | None = None
    exercises: frozenset[str] | None = None

    @property
    def digest(self) -> str:
        """Return a digest of the modules: the same bytes, the same digest, whatever the files were called."""
        return digest(*(part for item in sorted(self.sources.items()) for part in item))

    def asks_for(self, exercise: str, check: str) -> bool:
        """Say whether a check is to be run."""
        return (self.checks is None or check in self.checks) and (self.exercises is None or exercise in self.exercises)


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


def beside(path: Path) -> list[str]:
    """List the ids of the submissions that seem to lie beside one: the names of the folders there."""
    try:
        return [_shown(one.name) for one in sorted(path.resolve().parent.iterdir()) if _is_folder(one)]
    except OSError:
        return []


def take_in(folder: Path, course: Course, name: str = "") -> Submission:
    """Read the modules and notebooks of a submission: regular files of bounded size, by `lstat`.

    A file counts for an exercise by its name; a notebook with another name by what its metadata says. A notebook goes
    before a module of the same exercise. What cannot be taken is left out with a note, and so is whatever else lies in
    the folder.

    Args:
        folder: where the files lie.
        course: the course.
        name: the submission's id; the folder's name by default.
    """
    root = folder
    if not _has_modules(folder, course) and _holds_inner(folder, course):
        root = folder / INNER_FOLDER
    notes: list[str] = []
    taken = _take_files(_entries(root, notes), course)
    sources = taken.modules | {
        exercise: _module(exercise, notebooks, course, exercise in taken.modules, taken.notes)
        for exercise, notebooks in taken.notebooks.items()
    }
    notes += taken.notes
    if taken.ignored:
        names = listed(taken.ignored, MAX_NAMED)
        notes.append(f"Ignored: {names}. Only modules and notebooks with the exercises' names are taken.")
    if not sources:
        notes.append("There is no module and no notebook in this submission.")
    return Submission(name or _shown(folder.resolve().name), sources, tuple(notes))


@dataclass
class _Taken:
    """What was taken of a folder: modules and notebooks by their exercise, and what is to be said of the rest."""

    modules: dict[str, bytes] = field(default_factory=dict)
    notebooks: dict[str, list[_Found]] = field(default_factory=dict)
    ignored: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def _take_files(entries: Sequence[Path], course: Course) -> _Taken:
    """Take the files of a folder that may be answers, one after another."""
    taken = _Taken()
    for entry in entries:
        if entry.suffix == NOTEBOOK or (entry.suffix == MODULE and entry.stem in course.by_id):
            try:
                _take_file(entry, course, taken)
            except (_NotTaken, NotANotebook) as problem:
                taken.notes.append(f"{_shown(entry.name)} was not taken: it is {problem}.")
        elif not _goes_without_saying(entry):
            taken.ignored.append(_shown(entry.name))
    return taken


def _take_file(entry: Path, course: Course, taken: _Taken) -> None:
    """Take a module or a notebook.

    Raises:
        _NotTaken: it is no regular file of bounded size.
        NotANotebook: it cannot be read as a notebook.
    """
    data = _taken(entry)
    if entry.suffix == MODULE:
        taken.modules[entry.stem] = data
        return
    notebook = read_notebook(data)
    if notebook.is_made:
        return
    exercise = entry.stem if entry.stem in course.by_id else notebook.exercise
    if exercise in course.by_id:
        taken.notebooks.setdefault(exercise, []).append(_Found(entry, notebook))
    else:
        taken.ignored.append(_shown(entry.name))


def _goes_without_saying(entry: Path) -> bool:
    """Say whether a file that is no answer is one that a course or a tool leaves there."""
    return entry.name.startswith((".", "__pycache__")) or entry.name in (BUNDLE, FIGURES) or entry.suffix == ".md"


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


@dataclass(frozen=True)
class _Found:
    """A notebook of a submission, and its file."""

    path: Path
    notebook: Notebook


class _NotTaken(Exception):
    """A file cannot be taken; the text says what it is, as the end of a sentence."""


def _module(exercise: str, found: Sequence[_Found], course: Course, beside: bool, notes: list[str]) -> bytes:
    """Make a module of an exercise's notebook: of the one with its name, unless nothing is written in it."""
    stub = course.stubs / f"{exercise}{MODULE}"
    if not stub.is_file():
        raise CourseError(f"There is no stub {stub}, which says what a notebook's code is. Run: grader build")
    text = stub.read_text(encoding="utf-8")
    by_name = sorted(found, key=lambda one: one.path.stem != exercise)
    modules: list[Module] = [module_of(one.notebook.cells, text) for one in by_name]
    place = next((n for n, module in enumerate(modules) if not module.is_stub), 0)
    chosen, module = by_name[place], modules[place]
    name = _shown(chosen.path.name)
    for other in found:
        if other is not chosen:
            notes.append(f"{_shown(other.path.name)} was not taken: {name} is about `{exercise}` too, and counts.")
    if beside:
        notes.append(f"{exercise}{MODULE} was not taken: {name} goes before it.")
    if chosen.path.stem != exercise:
        notes.append(f"{name} was taken for {exercise}{NOTEBOOK}.")
    notes += [f"{name}: {note}" for note in module.notes]
    # A lone surrogate, which JSON can hold, is no text.
    return module.text.encode("utf-8", "replace")


def _taken(path: Path) -> bytes:
    """Return the bytes of a regular file.

    Raises:
        _NotTaken: it is none, too long, or cannot be read.
    """
    limit = MAX_NOTEBOOK if path.suffix == NOTEBOOK else MAX_FILE
    try:
        status = path.lstat()
        if stat.S_ISLNK(status.st_mode):
            raise _NotTaken("a link; hand in the file itself")
        if not stat.S_ISREG(status.st_mode):
            raise _NotTaken("not a regular file")
        if status.st_size > limit:
            raise _NotTaken(f"{status.st_size / 2**20:.1f} MiB long, over the limit of {limit / 2**20:.0f} MiB")
        return _read(path, limit)
    except OSError as error:
        raise _NotTaken(f"not readable ({error.strerror})") from None


def _read(path: Path, limit: int) -> bytes:
    """Read a regular file, and nothing that has been put in its place since it was looked at."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(descriptor, "rb") as file:
        return file.read(limit + 1)


def _has_modules(folder: Path, course: Course) -> bool:
    names = [f"{exercise.id}{suffix}" for exercise in course.exercises for suffix in (MODULE, NOTEBOOK)]
    return any(os.path.lexists(folder / name) for name in names)


def _holds_inner(folder: Path, course: Course) -> bool:
    """Say whether modules or notebooks lie in `exercises/`; a link of that name leads out, and is not followed."""
    inner = folder / INNER_FOLDER
    return _is_folder(inner) and _has_modules(inner, course)


def _shown(name: str) -> str:
    """Write a file's name in printable characters; what is no UTF-8 as an escape, so that names stay apart."""
    text = os.fsencode(name).decode("utf-8", "backslashreplace")
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in text)


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()
