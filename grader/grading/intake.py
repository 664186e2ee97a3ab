"""Intake: reads a submission's files, and says which ones are ignored and why. Nothing is executed here."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from grader.course import Course
from grader.errors import CourseError, NoSubmissions
from grader.files import digest
from grader.grading.choice import NotebookFile, choose, remarks_on_module
from grader.grading.helpers import imported
from grader.grading.notebook import NotANotebook, read_notebook
from grader.grading.notices import Notice
from grader.grading.statements import Cell
from grader.text import listed

MAX_FILE = 2**20
MAX_NOTEBOOK = 2**28
"""The most bytes of a module, and of a notebook, which may contain a lot of output."""
MAX_HELPERS, MAX_HELPER = 20, 2**18
"""The most helper files that are taken along, and the most bytes of one."""
MODULE, NOTEBOOK = ".py", ".ipynb"
BUNDLE = "grader.zip"
"""The archive that a notebook needs next to it to run its checks; students get it and hand it in with the notebook."""
ORIGINAL = ".original"
"""How the name of a notebook ends that was handed in, and whose repaired version is next to it."""
MAX_NAMED = 20
INNER_FOLDER = "exercises"
FIGURES = "figures"
"""The folder of the lessons' pictures, which is next to the modules in a learner's copy."""


@dataclass(frozen=True)
class Submission:
    """A learner's modules, read in.

    Attributes:
        id: the folder's name.
        sources: the bytes of each module, by exercise id.
        helpers: the bytes of other modules that these import, by name.
        notes: a sentence about each file that was ignored, or graded as something that its name doesn't say.
        not_graded: those of `notes` that say that something which may be an answer wasn't graded.
        checks: the ids of the checks to run; by default all. The others are skipped.
        exercises: the ids of the exercises whose checks run; by default all.
    """

    id: str
    sources: dict[str, bytes]
    notes: tuple[str, ...]
    checks: frozenset[str] | None = None
    exercises: frozenset[str] | None = None
    helpers: dict[str, bytes] = field(default_factory=dict)
    not_graded: frozenset[str] = frozenset()

    @property
    def notices(self) -> list[Notice]:
        """List what the instructor should look at."""
        return [Notice(note, self.id, "not_graded" if note in self.not_graded else "remark") for note in self.notes]

    @property
    def digest(self) -> str:
        """Return a digest of the modules, which depends on their bytes and not on the names of the files."""
        modules = sorted({**self.sources, **self.helpers}.items())
        return digest(*(part for item in modules for part in item))

    def asks_for(self, exercise: str, check: str) -> bool:
        """Say whether to run a check."""
        return (self.checks is None or check in self.checks) and (self.exercises is None or exercise in self.exercises)


def find_submissions(path: Path, course: Course) -> list[Path]:
    """List the folders to grade: the path itself if it contains modules, otherwise every folder in it.

    Raises:
        NoSubmissions: there are none; the message says what is expected.
    """
    if not path.exists():
        raise NoSubmissions(f"{path} doesn't exist. Name the folder of one submission, or a folder of such folders.")
    if not path.is_dir():
        raise NoSubmissions(f"{path} is a file. Name the folder that it is in: grader grade {path.parent}")
    if _has_modules(path, course) or _holds_inner(path, course):
        return [path]
    folders = sorted(entry for entry in path.iterdir() if _is_folder(entry) and not entry.name.startswith((".", "__")))
    if not folders:
        names = ", ".join(f"{exercise.id}.py" for exercise in course.exercises[:3])
        raise NoSubmissions(
            f"{path} contains neither modules ({names}, …) nor folders of submissions. Name another folder."
        )
    return folders


def siblings(path: Path) -> list[str]:
    """List the ids of what seem to be submissions next to one: the names of the folders there."""
    try:
        return [_shown(entry.name) for entry in sorted(path.resolve().parent.iterdir()) if _is_folder(entry)]
    except OSError:
        return []


def take_in(folder: Path, course: Course, name: str = "") -> Submission:
    """Read the modules and notebooks of a submission: regular files of bounded size, by `lstat`.

    A file belongs to the exercise it is named after; a notebook with another name, to the exercise in its metadata. If
    an exercise has several files, the one with the most of the answer counts; of equals the notebook. Everything else
    in the folder is ignored with a note, and so is a file that cannot be read.

    Args:
        folder: the folder with the files.
        course: the course.
        name: the submission's id; the folder's name by default.
    """
    root = folder
    if not _has_modules(folder, course) and _holds_inner(folder, course):
        root = folder / INNER_FOLDER
    notes: list[str] = []
    files = _read_files(_entries(root, notes), course)
    sources = files.modules | {exercise: _choose(exercise, files, course) for exercise in files.notebooks}
    helpers = _helpers(sources, files)
    notes += files.notes
    for exercise in sorted(files.modules.keys() - files.notebooks.keys()):
        notes += remarks_on_module(exercise, files.modules[exercise])
    ignored = [*files.ignored, *(f"{name}{MODULE}" for name in files.others if name not in helpers)]
    if ignored:
        names = listed(sorted(ignored), MAX_NAMED)
        notes.append(f"Ignored: {names}. Only modules and notebooks named after an exercise are graded.")
    if not sources:
        notes.append("This submission contains no module and no notebook to grade.")
    return Submission(name or _shown(folder.resolve().name), sources, tuple(notes), helpers=helpers)


@dataclass
class _Files:
    """The files of a folder.

    Attributes:
        modules: the modules by their exercise.
        notebooks: the notebooks by their exercise.
        written: for each module that a notebook writes to a file, the notebook's name, and the cell with its text.
        others: the files of other modules by their name, which may be helpers.
        ignored: the names of ignored files.
        notes: a sentence about each file that was ignored or taken from elsewhere.
    """

    modules: dict[str, bytes] = field(default_factory=dict)
    notebooks: dict[str, list[NotebookFile]] = field(default_factory=dict)
    written: dict[str, tuple[str, Cell]] = field(default_factory=dict)
    others: dict[str, Path] = field(default_factory=dict)
    ignored: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def _read_files(entries: Sequence[Path], course: Course) -> _Files:
    """Read the files of a folder that may be answers."""
    files = _Files()
    for entry in entries:
        if entry.suffix == NOTEBOOK or (entry.suffix == MODULE and entry.stem in course.by_id):
            try:
                _read_file(entry, course, files)
            except (_Unreadable, NotANotebook) as problem:
                files.notes.append(f"{_shown(entry.name)} was ignored: it is {problem}.")
        elif entry.suffix == MODULE and entry.stem.isidentifier() and entry.stem.isascii():
            files.others[entry.stem] = entry
        elif not _is_expected(entry):
            files.ignored.append(_shown(entry.name))
    for exercise in sorted(files.written.keys() - files.modules.keys()):
        notebook, cell = files.written[exercise]
        files.modules[exercise] = cell.text.encode("utf-8", "replace")
        files.notes.append(f"{exercise}{MODULE} is in {cell.label} of {notebook}, which writes it.")
    for exercise in sorted(files.notebooks.keys() - files.modules.keys()):
        if not any(file.notebook.has_code for file in files.notebooks[exercise]):
            empty = files.notebooks.pop(exercise)
            files.notes += [f"{file.name} was ignored: it contains no code." for file in empty]
    return files


def _read_file(entry: Path, course: Course, files: _Files) -> None:
    """Read a module or a notebook.

    Raises:
        _Unreadable: it is not a regular file of bounded size.
        NotANotebook: it cannot be read as a notebook.
    """
    data = _content(entry, MAX_NOTEBOOK if entry.suffix == NOTEBOOK else MAX_FILE)
    if entry.suffix == MODULE:
        files.modules[entry.stem] = data
        return
    notebook = read_notebook(data)
    if notebook.is_made:
        return
    exercise = entry.stem if entry.stem in course.by_id else notebook.exercise
    written = {name: cell for name, cell in notebook.modules_written() if name in course.by_id and name != exercise}
    files.written |= {name: (_shown(entry.name), cell) for name, cell in written.items()}
    if exercise in course.by_id:
        file = NotebookFile(_shown(entry.name), notebook.without_modules(written))
        files.notebooks.setdefault(exercise, []).append(file)
    elif not written:
        files.ignored.append(_shown(entry.name))


def _is_expected(entry: Path) -> bool:
    """Say whether a file that isn't an answer comes from the course or from a tool, so that it needs no note."""
    return (
        entry.name.startswith((".", "__pycache__"))
        or entry.name in (BUNDLE, FIGURES)
        or entry.suffix in (".md", ORIGINAL)
    )


def write_files(submission: Submission, folder: Path) -> dict[str, Path]:
    """Write a submission's modules and helpers to a folder; return the file of each."""
    files = {}
    for name, source in {**submission.sources, **submission.helpers}.items():
        files[name] = folder / f"{name}.py"
        files[name].write_bytes(source)
    return files


def _entries(root: Path, notes: list[str]) -> Sequence[Path]:
    try:
        return sorted(root.iterdir())
    except OSError as error:
        notes.append(f"The folder cannot be read ({error.strerror}).")
        return []


def _helpers(sources: Mapping[str, bytes], files: _Files) -> dict[str, bytes]:
    """Read the other modules that the submission's modules import, and those that these import in turn."""
    helpers: dict[str, bytes] = {}
    waiting = imported(sources.values()) & files.others.keys()
    while waiting:
        for name in sorted(waiting):
            shown = f"{name}{MODULE}"
            if len(helpers) == MAX_HELPERS:
                files.notes.append(f"{shown} was ignored: at most {MAX_HELPERS} helper files are taken along.")
                del files.others[name]
                continue
            try:
                helpers[name] = _content(files.others[name], MAX_HELPER)
            except _Unreadable as problem:
                files.notes.append(f"{shown} was ignored: it is {problem}.")
                del files.others[name]
        waiting = (imported(helpers.values()) & files.others.keys()) - helpers.keys()
    return helpers


class _Unreadable(Exception):
    """A file cannot be used; the text says what it is, as the end of a sentence."""


def _choose(exercise: str, files: _Files, course: Course) -> bytes:
    """Choose what is graded for an exercise that has notebooks."""
    stub = course.stubs / f"{exercise}{MODULE}"
    if not stub.is_file():
        raise CourseError(f"The stub {stub} is missing, and grading a notebook needs it. Run: grader build")
    choice = choose(exercise, files.notebooks[exercise], files.modules.get(exercise), stub.read_text(encoding="utf-8"))
    files.notes += choice.notes
    return choice.source


def _content(path: Path, limit: int) -> bytes:
    """Return the bytes of a regular file.

    Raises:
        _Unreadable: it isn't a regular file, is too large, or cannot be read.
    """
    try:
        status = path.lstat()
        if stat.S_ISLNK(status.st_mode):
            raise _Unreadable("a link; hand in the file itself")
        if not stat.S_ISREG(status.st_mode):
            raise _Unreadable("not a regular file")
        if status.st_size > limit:
            raise _Unreadable(f"{status.st_size / 2**20:.1f} MiB large, over the limit of {limit / 2**20:g} MiB")
        return _read(path, limit)
    except OSError as error:
        raise _Unreadable(f"not readable ({error.strerror})") from None


def _read(path: Path, limit: int) -> bytes:
    """Read a regular file, but not a link or pipe that has replaced it since we looked."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(descriptor, "rb") as file:
        return file.read(limit + 1)


def _has_modules(folder: Path, course: Course) -> bool:
    names = [f"{exercise.id}{suffix}" for exercise in course.exercises for suffix in (MODULE, NOTEBOOK)]
    return any(os.path.lexists(folder / name) for name in names)


def _holds_inner(folder: Path, course: Course) -> bool:
    """Say whether `exercises/` contains modules or notebooks; if it is a link, it is not followed."""
    inner = folder / INNER_FOLDER
    return _is_folder(inner) and _has_modules(inner, course)


def _shown(name: str) -> str:
    """Write a file's name in printable characters, with escapes for the others, so that names stay different."""
    text = os.fsencode(name).decode("utf-8", "backslashreplace")
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()
