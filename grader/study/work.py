"""Go back to the stub, or to the code that passed. The overwritten code is kept."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path

from grader.course import Course
from grader.errors import NoCheckpoint, NoStub
from grader.study.folder import PASSED, digest, keep, progress_folder, read, work, write
from grader.study.state import Checkpoint, State
from grader.study.stubs import is_untouched, stub_of


@dataclass(frozen=True)
class Return:
    """What going back did: whether the file changed, and where the earlier code is kept, if there was any."""

    changed: bool
    kept: Path | None = None


def reset(course: Course, exercise: str) -> Return:
    """Go back to the stub of an exercise.

    Raises:
        NoStub: the stub is not known.
        StateError: a file can't be written; the learner's code is unchanged.
    """
    stub = stub_of(course, exercise)
    if stub is None:
        raise NoStub(
            f"There is no stub of {exercise} to go back to: this copy of the course has no solutions to make it from, "
            f"and the grader never saw exercises/{exercise}.py unchanged. Copy the file from where you got the course."
        )
    return _replace(course, exercise, stub)


def restore(course: Course, state: State, exercise: str) -> Return:
    """Go back to the code of an exercise that passed.

    Raises:
        NoCheckpoint: no code has passed.
        StateError: a file can't be written; the learner's code is unchanged.
    """
    return _replace(course, exercise, checkpoint(course, state, exercise)[1])


def difference(course: Course, state: State, exercise: str) -> list[str]:
    """List how the learner's file differs from the code that passed, line by line; an empty list if it doesn't.

    Raises:
        NoCheckpoint: no code has passed.
    """
    passed, code = checkpoint(course, state, exercise)
    current = read(work(course, exercise)) or b""
    before, after = (text.decode("utf-8", "replace").splitlines() for text in (code, current))
    lines = difflib.unified_diff(
        before,
        after,
        fromfile=f"passed on {passed.when}",
        tofile="your current code",
        lineterm="",
    )
    return list(lines)


def checkpoint(course: Course, state: State, exercise: str) -> tuple[Checkpoint, bytes]:
    """Return when an exercise passed, and the code that passed.

    Raises:
        NoCheckpoint: no code has passed, or its copy is gone.
    """
    known = state.exercises.get(exercise)
    code = read(progress_folder(course) / PASSED / f"{exercise}.py")
    if known is None or known.passed is None or code is None:
        raise NoCheckpoint(f"There is no saved code of {exercise} that passed. Run: grader check {exercise}")
    return known.passed, code


def _replace(course: Course, exercise: str, content: bytes) -> Return:
    path = work(course, exercise)
    current = read(path)
    if current is not None and digest(current) == digest(content):
        return Return(False)
    worth_keeping = current is not None and bool(current.strip()) and not is_untouched(course, exercise, current)
    kept = keep(course, exercise, current) if current is not None and worth_keeping else None
    write(path, content)
    return Return(True, kept)
