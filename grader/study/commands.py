"""What the commands of a learner do with what is remembered: a function for each, from the course to what is shown.

Each takes `tell`, which is given a sentence if what was remembered cannot be read and is set aside.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from grader.course import Course
from grader.study import hints, progress, solution, work
from grader.study.hints import Hint
from grader.study.progress import Rung
from grader.study.state import change_state, load_state
from grader.study.work import Return

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Standing:
    """How every exercise stands, and sentences about what to do next."""

    rungs: list[Rung]
    advice: list[str]


@dataclass(frozen=True)
class Passed:
    """An exercise that has passed, when, and how it stands now."""

    exercise: str
    when: str
    told: str


@dataclass(frozen=True)
class Hints:
    """Hints, and whether the course counts the one that was taken now."""

    hints: list[Hint]
    counted: bool


@dataclass(frozen=True)
class Answer:
    """The answer to an exercise as Python, and a page in Markdown about other ways to write it; empty without one."""

    code: str
    approaches: str


def standing(course: Course, tell: Tell) -> Standing:
    """Say how every exercise stands, and what is next."""
    rungs = progress.ladder(course, load_state(course, tell))
    return Standing(rungs, progress.advice(course, rungs))


def passed(course: Course, tell: Tell) -> list[Passed]:
    """List the exercises that have passed, also those whose code has changed since."""
    state = load_state(course, tell)
    found = []
    for rung in progress.ladder(course, state):
        if rung.stands in ("passed", "changed"):
            checkpoint = state.of(rung.exercise).passed
            found.append(Passed(rung.exercise, checkpoint.when if checkpoint is not None else "", rung.told))
    return found


def changes_since_passed(course: Course, exercise: str, tell: Tell) -> list[str]:
    """List how a file differs from the code that passed, line by line; nothing if it doesn't.

    Raises:
        NoCheckpoint: none has passed.
    """
    return work.difference(course, load_state(course, tell), exercise)


def restore(course: Course, exercise: str, tell: Tell) -> Return:
    """Go back to the code that passed.

    Raises:
        NoCheckpoint: none has.
        StateError: something cannot be written; then the work is as it was.
    """
    return work.restore(course, load_state(course, tell), exercise)


def take_hint(course: Course, exercise: str, repeat: bool, tell: Tell) -> Hints:
    """Take the next hint of an exercise, or repeat those that were taken.

    Raises:
        NoHints: the course gives none, all are taken, or none was taken that could be repeated.
        StateError: what was taken cannot be remembered.
    """
    if repeat:
        return Hints(change_state(course, tell, lambda state: hints.hints_taken(course, state, exercise)), False)
    hint = change_state(course, tell, lambda state: hints.next_hint(course, state, exercise))
    return Hints([hint], course.hints == "counted" and hint.place > 0)


def answer(course: Course, exercise: str, tell: Tell) -> Answer:
    """Return the answer to an exercise, and other ways to write it.

    Raises:
        SolutionWithheld: the course does not show it, not yet, or it is not here.
        CourseError: the page about other ways speaks of code that there is not.
    """
    code = solution.answer(course, load_state(course, tell), exercise)
    return Answer(code, solution.approaches(course, exercise))
