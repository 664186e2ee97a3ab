"""The learner's commands that use saved progress: a function for each, which returns what to show.

Each takes `tell`, which gets a sentence if saved progress can't be read and is moved aside.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from grader.course import Course
from grader.study import hints, next_steps, progress, solution, work
from grader.study.hints import Hint
from grader.study.progress import ExerciseProgress
from grader.study.state import change_state, load_state
from grader.study.tracks import TrackProgress, all_tracks, choose, on_track
from grader.study.work import Return

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Standing:
    """The status of every exercise, and sentences about what to do next."""

    exercises: list[ExerciseProgress]
    advice: list[str]


@dataclass(frozen=True)
class Passed:
    """An exercise that has passed, when, and its status now."""

    id: str
    when: str
    description: str


@dataclass(frozen=True)
class Hints:
    """Hints, and whether the course counts the one just taken."""

    hints: list[Hint]
    counted: bool


@dataclass(frozen=True)
class Answer:
    """The solution of an exercise in Python, and a page in Markdown about other ways to write it (empty if none)."""

    code: str
    approaches: str


def standing(course: Course, tell: Tell, exercise: str | None = None) -> Standing:
    """Return the status of one exercise, or of every one that the learner works on, and what is next."""
    course = on_track(course, tell, [] if exercise is None else [exercise])
    state = load_state(course, tell)
    exercises = progress.course_progress(course, state)
    if exercise is None:
        return Standing(exercises, next_steps.advice(course, state, exercises))
    (asked_for,) = [status for status in exercises if status.id == exercise]
    return Standing([asked_for], next_steps.advice_about(asked_for))


def tracks(course: Course, names: Sequence[str], tell: Tell) -> list[TrackProgress]:
    """List the course's tracks, after following those that are named, if any are.

    Raises:
        UsageError: there is no such track, or the course has none.
        StateError: the choice can't be saved.
    """
    if names:
        choose(course, names, tell)
    return all_tracks(course, tell)


def passed(course: Course, tell: Tell) -> list[Passed]:
    """List the exercises that have passed, also those whose code has changed since."""
    state = load_state(course, tell)
    passed_before = []
    for exercise in progress.course_progress(course, state):
        if exercise.status in ("passed", "changed"):
            checkpoint = state.of(exercise.id).passed
            passed_before.append(
                Passed(exercise.id, checkpoint.when if checkpoint is not None else "", exercise.description)
            )
    return passed_before


def changes_since_passed(course: Course, exercise: str, tell: Tell) -> list[str]:
    """List how a file differs from the code that passed, line by line; an empty list if it doesn't.

    Raises:
        NoCheckpoint: no code has passed.
    """
    return work.difference(course, load_state(course, tell), exercise)


def restore(course: Course, exercise: str, tell: Tell) -> Return:
    """Go back to the code that passed.

    Raises:
        NoCheckpoint: no code has passed.
        StateError: a file can't be written; the learner's code is unchanged.
    """
    return work.restore(course, load_state(course, tell), exercise)


def take_hint(course: Course, exercise: str, repeat: bool, tell: Tell) -> Hints:
    """Take the next hint of an exercise, or repeat those that were taken.

    Raises:
        NoHints: the course gives none, the learner has taken all, or there is none to repeat.
        StateError: the state can't be written.
    """
    if repeat:
        return Hints(change_state(course, tell, lambda state: hints.hints_taken(course, state, exercise)), False)
    hint = change_state(course, tell, lambda state: hints.next_hint(course, state, exercise))
    return Hints([hint], course.hints == "counted" and hint.number > 0)


def answer(course: Course, exercise: str, tell: Tell) -> Answer:
    """Return the solution of an exercise, and other ways to write it.

    Raises:
        SolutionWithheld: the course doesn't show it (or not yet), or this copy doesn't have it.
        CourseError: the page of approaches refers to code that doesn't exist.
    """
    code = solution.answer(course, load_state(course, tell), exercise)
    return Answer(code, solution.approaches(course, exercise))
