"""The saved state of a hunt for a bug, in the folder of progress; the planted code is in `bugs/`, never in exercises/.

The state is written before the planted files, so whenever the process is killed, the next command has what it needs to
write them again. No file of the learner's is ever opened for writing.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from grader.course import Course
from grader.practice.kinds import KINDS
from grader.practice.question import LETTERS
from grader.study.folder import progress_folder, read, shown, write, write_progress
from grader.study.small_run import SmallRun

FOLDER, STATE_FILE = "bugs", "bugs.json"
Step = Literal["show", "name", "fix", "done"]
Tell = Callable[[str], None]


class PlantedBug(msgspec.Struct, frozen=True):
    """A bug that was planted: its kind, and the function that it is in."""

    kind: str
    function: str


class Hunt(msgspec.Struct):
    """A hunt: what was planted where, and how far the learner is.

    Attributes:
        exercise: the exercise whose module has the bug.
        level: 1, 2 or 3.
        seed: what the bugs were drawn with.
        right: the learner's own code that passed, by exercise: that with the bug, and those that it builds on.
        planted: the code with the bug.
        bugs: the bugs.
        options: the names to choose from: kinds of bugs, or exercises on level 3.
        files: the names of the files in the folder of bugs.
        step: what comes next.
        shown: the lines that showed the bug; empty if the learner went on without.
        tries: how often the learner tried to show it, to name it and to fix it.
        named: the first answer to the question of its name.
        runs: on level 3, the training run with the learner's own code, and the one with the bug.
    """

    exercise: str
    level: int
    seed: int
    right: dict[str, str]
    planted: str
    bugs: list[PlantedBug]
    options: list[str]
    files: list[str] = []
    step: Step = "show"
    shown: str = ""
    tries: dict[str, int] = {}
    named: str = ""
    runs: tuple[SmallRun, SmallRun] | None = None

    def count(self, step: str) -> int:
        """Count another try at a step, and return how many there are."""
        self.tries[step] = self.tries.get(step, 0) + 1
        return self.tries[step]


@dataclass(frozen=True)
class Answer:
    """What a step says, and whether it got the learner further."""

    sentences: tuple[str, ...]
    is_right: bool = False


class Finished(msgspec.Struct, frozen=True):
    """A hunt that is over, and how it went: whether it was shown, named at the first try, and fixed."""

    exercise: str
    level: int
    kinds: list[str]
    shown: bool
    named: bool
    fixed: bool


class Hunts(msgspec.Struct):
    """All hunts of a learner: a number of their own, so that each gets other bugs; those that are over; the current."""

    learner: int
    finished: list[Finished] = []
    current: Hunt | None = None


def load_hunts(course: Course, tell: Tell) -> Hunts:
    """Read the hunts; if the file is broken, say so and begin again: nothing in it is the learner's work."""
    path = progress_folder(course) / STATE_FILE
    content = read(path)
    if content is not None:
        try:
            return msgspec.json.decode(content, type=Hunts)
        except msgspec.DecodeError:
            tell(f"{shown(course, path)} can't be read, so a new hunt begins. Your own files are as they were.")
    return Hunts(secrets.randbits(31))


def save_hunts(course: Course, hunts: Hunts) -> None:
    """Write the hunts.

    Raises:
        StateError: they can't be written.
    """
    write_progress(course, progress_folder(course) / STATE_FILE, msgspec.json.format(msgspec.json.encode(hunts)))


def bugs_folder(course: Course) -> Path:
    """Return the folder with the planted code; it may not exist."""
    return course.root / FOLDER


def planted_file(course: Course, hunt: Hunt) -> Path:
    """Return the file with the bug that the learner looks at and fixes."""
    return bugs_folder(course) / f"{hunt.exercise}.py"


def write_planted(course: Course, contents: dict[str, bytes]) -> None:
    """Write the files of a hunt that don't exist, and have git ignore them.

    Raises:
        StateError: a file can't be written.
    """
    folder = bugs_folder(course)
    for name, content in {".gitignore": b"*\n", **contents}.items():
        if not (folder / name).exists():
            write(folder / name, content)


def remove_planted(course: Course, hunt: Hunt) -> None:
    """Remove the files of a hunt, and the folder if nothing else is in it."""
    folder = bugs_folder(course)
    with contextlib.suppress(OSError):
        # The last ones are of a process that was killed while it wrote a file.
        for path in (*(folder / name for name in hunt.files), *folder.glob(".*.new")):
            path.unlink(missing_ok=True)
        if {path.name for path in folder.iterdir()} <= {".gitignore"}:
            (folder / ".gitignore").unlink(missing_ok=True)
            folder.rmdir()


def place(hunt: Hunt) -> str:
    """Say where the bug is, as far as the learner may know."""
    return "your small GPT" if hunt.runs is not None and hunt.step == "name" else hunt.exercise


def right_letters(hunt: Hunt) -> list[str]:
    """Return the letters of the right options."""
    right = [hunt.exercise] if hunt.runs is not None else [bug.kind for bug in hunt.bugs]
    return sorted(LETTERS[hunt.options.index(option)] for option in right)


def option_text(hunt: Hunt, option: str) -> str:
    """Return an option as the learner reads it: a kind of bug in words, or the name of a module."""
    return f"The bug is in {option}.py." if hunt.runs is not None else KINDS[option]
