"""Hints, one at a time: first those for mistakes that the last run found, then the course's, general ones first."""

from __future__ import annotations

from dataclasses import dataclass, replace

from grader.course import Course
from grader.errors import NoHints
from grader.study.state import State


@dataclass(frozen=True)
class Hint:
    """A hint: its text and its number among the course's hints; for a known mistake, what the learner did instead.

    `has_next` means that there is another one to take after it.
    """

    text: str
    number: int = 0
    of: int = 0
    did: str = ""
    has_next: bool = False


def next_hint(course: Course, state: State, exercise: str) -> Hint:
    """Return the next hint, and remember that it was taken.

    Raises:
        NoHints: the course gives none, or the learner has taken all.
    """
    _refuse_if_there_are_none(course, exercise)
    known = state.of(exercise)
    hints = course.by_id[exercise].hints
    untaken = [
        Hint(mistake.hint, did=mistake.did) for mistake in known.mistakes if mistake.hint not in known.mistake_hints
    ]
    untaken += [Hint(text, number, len(hints)) for number, text in enumerate(hints, start=1) if text not in known.hints]
    if untaken:
        hint = untaken[0]
        (known.hints if hint.number else known.mistake_hints).append(hint.text)
        return replace(hint, has_next=any(other.text != hint.text for other in untaken))
    raise NoHints(
        f"You have already taken {_all(len(hints))} for {exercise}. Read them again: grader hint {exercise} --repeat. "
        f"Then run its checks: pytest -k {exercise}"
    )


def hints_taken(course: Course, state: State, exercise: str) -> list[Hint]:
    """List the hints that the learner has taken for an exercise, in their order.

    Raises:
        NoHints: the course gives none, or the learner has taken none.
    """
    _refuse_if_there_are_none(course, exercise)
    known = state.of(exercise)
    hints = course.by_id[exercise].hints
    taken = [Hint(mistake.hint, did=mistake.did) for mistake in known.mistakes if mistake.hint in known.mistake_hints]
    taken += [Hint(text, number, len(hints)) for number, text in enumerate(hints, start=1) if text in known.hints]
    if not taken:
        raise NoHints(f"You haven't taken a hint for {exercise} yet. Take one: grader hint {exercise}")
    return taken


def _refuse_if_there_are_none(course: Course, exercise: str) -> None:
    if course.hints == "never":
        raise NoHints(f"This course gives no hints. Read exercises/{exercise}.md, and run: pytest -k {exercise}")
    if not course.by_id[exercise].hints:
        raise NoHints(f"There are no hints for {exercise}. Read exercises/{exercise}.md, and run: pytest -k {exercise}")


def _all(count: int) -> str:
    return "the only hint" if count == 1 else f"all {count} hints"
