"""A learner's saved progress: for each exercise the code that passed, the last run of its checks, the hints taken."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Literal, TypeVar

import msgspec
import yaml

from grader.course import Course
from grader.course.yaml_file import YamlFile
from grader.errors import StateError
from grader.study.folder import STATE_FILE, progress_folder, shown, write_progress

_HEAD = "# Your progress through this course. The grader writes this file; it is safe to delete.\n"
_T = TypeVar("_T")


class Checkpoint(msgspec.Struct, frozen=True):
    """Code that passed (its copy is in `passed/`): its digest, when it passed, and whether only with stand-ins."""

    digest: str
    when: str
    over_standins: bool = False


class Trial(msgspec.Struct, frozen=True):
    """The last run of all checks of an exercise: its result, and the digest of the code."""

    digest: str
    when: str
    passed: int
    checks: int


class KnownMistake(msgspec.Struct, frozen=True):
    """A known mistake that the last run found: what the learner did, and where to look."""

    did: str
    hint: str


class Prediction(msgspec.Struct, frozen=True):
    """A learner's first answer to a question: the mistake that answers so (empty if it's right), and its letter.

    `stage` says whether the question came before the exercise or after it.
    """

    mistake: str
    stage: Literal["before", "after"]
    letter: str


class Record(msgspec.Struct):
    """The saved progress in one exercise; `hints` are the course's hints that were taken, `told` those for mistakes.

    `predictions` are the first answers to questions, by the question's id.
    """

    passed: Checkpoint | None = None
    tried: Trial | None = None
    mistakes: list[KnownMistake] = []
    hints: list[str] = []
    mistake_hints: list[str] = msgspec.field(default_factory=list, name="told")
    predictions: dict[str, Prediction] = {}


class State(msgspec.Struct):
    """All saved progress, by exercise; exercises that the course no longer has are kept. `tracks` are those chosen.

    `seed` decides which numbers this learner is asked for.
    """

    exercises: dict[str, Record] = {}
    tracks: list[str] = []
    seed: str = ""

    def of(self, exercise: str) -> Record:
        """Return the record of an exercise; a new one if there is none."""
        return self.exercises.setdefault(exercise, Record())


def load_state(course: Course, tell: Callable[[str], None]) -> State:
    """Read the state; if the file is broken, move it aside, say so, and start a new one.

    Args:
        course: the course.
        tell: gets the sentences that say so.
    """
    path = progress_folder(course) / STATE_FILE
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
            f"{shown(course, path)} can't be read ({problem}). Move it elsewhere; until then, your progress "
            "isn't saved."
        )
        return State()
    tell(f"Your saved progress can't be read: {problem}")
    tell(
        f"It was moved to {shown(course, aside)}, and no code is lost: run pytest, and the exercises that pass are "
        "marked again."
    )
    return State()


def change_state(course: Course, tell: Callable[[str], None], change: Callable[[State], _T]) -> _T:
    """Read the state, change it, write it if it is different, and return what `change` returned.

    Raises:
        StateError: the state can't be written.
    """
    state = load_state(course, tell)
    before = msgspec.to_builtins(state)
    result = change(state)
    after = msgspec.to_builtins(state)
    if after != before:
        text = yaml.safe_dump(after, sort_keys=False, allow_unicode=True, width=110)
        write_progress(course, progress_folder(course) / STATE_FILE, (_HEAD + text).encode())
    return result
