"""A learner's files as they are handed in: read within the limits of grading, with a sentence about what can't be."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from grader.course import Course
from grader.grading.encodings import in_utf8
from grader.grading.handed_in import MAX_FILE, MODULE, HandedIn, Unreadable
from grader.grading.helpers import imported
from grader.grading.intake import MAX_HELPER, MAX_HELPERS
from grader.study.folder import shown, work
from grader.study.stubs import is_untouched, keep_stub


@dataclass(frozen=True)
class LearnerFile:
    """The file of an exercise, or a helper next to it.

    Attributes:
        name: the exercise's id, or the helper's module.
        shown: the file's path from the course's folder.
        content: its bytes; None if it can't be handed in.
        problem: why it can't: the end of a sentence that begins with "it is"; empty if it can, or if there is no file.
        is_begun: whether it is there and isn't the stub any more.
        is_link: whether it is a link; then the content is that of the file it points to.
    """

    name: str
    shown: str
    content: bytes | None = None
    problem: str = ""
    is_begun: bool = False
    is_link: bool = False


@dataclass
class Work:
    """What goes into the archive.

    Attributes:
        modules: the files of exercises, by id.
        helpers: the other modules that these import, by name.
        left_out: helpers that are imported and can't go into the archive.
    """

    modules: dict[str, LearnerFile] = field(default_factory=dict)
    helpers: dict[str, LearnerFile] = field(default_factory=dict)
    left_out: dict[str, LearnerFile] = field(default_factory=dict)

    @property
    def contents(self) -> dict[str, bytes]:
        """Return the files of the archive by name: the modules, then their helpers."""
        files = [*self.modules.values(), *self.helpers.values()]
        return {f"{file.name}{MODULE}": file.content for file in files if file.content is not None}


def file_of(course: Course, exercise: str) -> LearnerFile:
    """Read the file of an exercise."""
    file = _read(course, exercise, MAX_FILE)
    if file.content is None:
        return LearnerFile(exercise, file.shown, None, file.problem, bool(file.problem), file.is_link)
    keep_stub(course, exercise, file.content)
    begun = bool(file.content.strip()) and not is_untouched(course, exercise, file.content)
    return LearnerFile(exercise, file.shown, file.content, "", begun, file.is_link)


def work_of(course: Course, files: Sequence[LearnerFile]) -> Work:
    """Collect what goes into the archive: the files that are begun and readable, and the helpers that they import."""
    collected = Work({file.name: file for file in files if file.is_begun and file.content is not None})
    around = {path.stem for path in _modules_in(course.stubs)} - course.by_id.keys()
    waiting = _imports(collected.modules) & around
    while waiting:
        for name in sorted(waiting):
            helper = _read(course, name, MAX_HELPER)
            problem = helper.problem
            if not (name.isascii() and name.isidentifier()):
                problem = "named with letters other than a to z, which grading doesn't take along; rename it"
            elif len(collected.helpers) == MAX_HELPERS:
                problem = f"one too many: grading takes along {MAX_HELPERS} helper files"
            if problem or helper.content is None:
                collected.left_out[name] = LearnerFile(name, helper.shown, None, problem, is_link=helper.is_link)
            else:
                collected.helpers[name] = helper
        known = collected.helpers.keys() | collected.left_out.keys()
        waiting = (_imports(collected.helpers) & around) - known
    return collected


def notebooks_instead(course: Course, files: Sequence[LearnerFile]) -> list[str]:
    """List the notebooks next to files of which nothing is written, from the course's folder."""
    paths = [work(course, file.name).with_suffix(".ipynb") for file in files if not file.is_begun]
    return [shown(course, path) for path in paths if path.is_file()]


def is_text(content: bytes) -> bool:
    """Say whether a module is text, in whatever encoding grading understands."""
    return b"\0" not in in_utf8(content)[0]


def _read(course: Course, name: str, limit: int) -> LearnerFile:
    path = work(course, name)
    where, is_link = shown(course, path), path.is_symlink()
    if not os.path.lexists(path):
        return LearnerFile(name, where)
    try:
        target = Path(os.path.realpath(path, strict=True)) if is_link else path
    except OSError:
        return LearnerFile(name, where, None, "a link to a file that can't be found; put the file itself there", True)
    try:
        content = HandedIn(PurePosixPath(path.name), target).content(limit)
    except Unreadable as problem:
        return LearnerFile(name, where, None, str(problem), True, is_link)
    return LearnerFile(name, where, content, "", True, is_link)


def _modules_in(folder: Path) -> list[Path]:
    try:
        return [path for path in sorted(folder.iterdir()) if path.suffix == MODULE]
    except OSError:
        return []


def _imports(files: Mapping[str, LearnerFile]) -> set[str]:
    return imported(in_utf8(file.content)[0] for file in files.values() if file.content is not None)
