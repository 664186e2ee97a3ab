"""Hints, one at a time: those of a mistake that the last run found, then the course's, the general ones first."""

from __future__ import annotations

from dataclasses import dataclass

from grader.course import Course
from grader.errors import NoHints
from grader.study.state import State


@dataclass(frozen=True)
class Hint:
    """A hint: its text, its place among the course's, and for a known mistake what was done, with no place."""

    text: str
    place: int = 0
    of: int = 0
    did: str = ""


def next_hint(course: Course, state: State, exercise: str) -> Hint:
    """Return the next hint, and remember that it was taken.

    Raises:
        NoHints: the course gives none, or all are taken.
    """
    _refuse_where_there_are_none(course, exercise)
    known = state.of(exercise)
    for mistake in known.mistakes:
        if mistake.hint not in known.told:
            known.told.append(mistake.hint)
            return Hint(mistake.hint, did=mistake.did)
    hints = course.by_id[exercise].hints
    for place, text in enumerate(hints, start=1):
        if text not in known.hints:
            known.hints.append(text)
            return Hint(text, place, len(hints))
    raise NoHints(
        f"You have already taken {_all(len(hints))} for {exercise}. Read them again: grader hint {exercise} --repeat. "
        f"Then run its checks: pytest -k {exercise}"
    )


def hints_taken(course: Course, state: State, exercise: str) -> list[Hint]:
    """List the hints of an exercise that were taken, in their order.

    Raises:
        NoHints: the course gives none, or none was taken.
    """
    _refuse_where_there_are_none(course, exercise)
    known = state.of(exercise)
    hints = course.by_id[exercise].hints
    found = [Hint(one.hint, did=one.did) for one in known.mistakes if one.hint in known.told]
    found += [Hint(text, place, len(hints)) for place, text in enumerate(hints, start=1) if text in known.hints]
    if not found:
        raise NoHints(f"You haven't taken a hint for {exercise} yet. Take one: grader hint {exercise}")
    return found


def _refuse_where_there_are_none(course: Course, exercise: str) -> None:
    if course.hints == "never":
        raise NoHints(f"This course gives no hints. Read exercises/{exercise}.md, and run: pytest -k {exercise}")
    if not course.by_id[exercise].hints:
        raise NoHints(f"There are no hints for {exercise}. Read exercises/{exercise}.md, and run: pytest -k {exercise}")


def _all(count: int) -> str:
    return "the only hint" if count == 1 else f"all {count} hints"
