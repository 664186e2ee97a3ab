"""The state: for each exercise the code that passed, how the last run of its checks ended, which hints were taken."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TypeVar

import msgspec
import yaml

from grader.course import Course
from grader.course.yaml_file import YamlFile
from grader.errors import StateError
from grader.study.folder import STATE_FILE, desk_folder, shown, write

_HEAD = "# Your progress through this course. The grader writes this file; it is safe to delete.\n"
_T = TypeVar("_T")


class Checkpoint(msgspec.Struct, frozen=True):
    """A passed stage: which code passed (its copy lies in `passed/`), when, and whether over stand-ins alone."""

    digest: str
    when: str
    over_standins: bool = False


class Trial(msgspec.Struct, frozen=True):
    """How the last run of all checks of an exercise ended, and on which code."""

    digest: str
    when: str
    passed: int
    checks: int


class KnownMistake(msgspec.Struct, frozen=True):
    """A known mistake that the last run found: what was done, and where to look."""

    did: str
    hint: str


class Record(msgspec.Struct):
    """What is remembered of one exercise; `hints` are those of the course that were taken, `told` those of mistakes."""

    passed: Checkpoint | None = None
    tried: Trial | None = None
    mistakes: list[KnownMistake] = []
    hints: list[str] = []
    told: list[str] = []


class State(msgspec.Struct):
    """All that is remembered, by exercise; of exercises that the course no longer has as well."""

    exercises: dict[str, Record] = {}

    def of(self, exercise: str) -> Record:
        """Return what is remembered of an exercise; a new record where that is nothing."""
        return self.exercises.setdefault(exercise, Record())


def load_state(course: Course, tell: Callable[[str], None]) -> State:
    """Read the state; where it is broken, set it aside, say so, and begin anew.

    Args:
        course: the course.
        tell: is given the sentence that says so.
    """
    path = desk_folder(course) / STATE_FILE
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return State()
    except (OSError, UnicodeDecodeError) as error:
        problem = str(error)
    else:
        try:
            file = YamlFile(path, text, StateError)
            return file.convert(file.data or {}, State)
        except StateError as error:
            problem = str(error).replace(str(path), shown(course, path))
    aside = next(
        candidate
        for number in range(1, 10_000)
        for candidate in [path.with_name(f"{path.stem}-broken-{number}{path.suffix}")]
        if not candidate.exists()
    )
    try:
        os.replace(path, aside)
    except OSError:
        tell(
            f"{shown(course, path)} can't be read ({problem}). Move it elsewhere; until then, your progress isn't "
            "saved."
        )
        return State()
    tell(f"Your saved progress can't be read: {problem}")
    tell(
        f"It was moved to {shown(course, aside)}, and no code is lost: run pytest, and the exercises that pass are "
        "marked again."
    )
    return State()


def change_state(course: Course, tell: Callable[[str], None], change: Callable[[State], _T]) -> _T:
    """Read the state, change it, and write it where that made a difference; return what the change returned.

    Raises:
        StateError: it cannot be written.
    """
    state = load_state(course, tell)
    before = msgspec.to_builtins(state)
    result = change(state)
    after = msgspec.to_builtins(state)
    if after != before:
        text = yaml.safe_dump(after, sort_keys=False, allow_unicode=True, width=110)
        write(desk_folder(course) / STATE_FILE, (_HEAD + text).encode())
    return result
