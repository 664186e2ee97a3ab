"""What to do next: the next exercise, or what follows once everything on the learner's tracks has passed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from grader.course import Course
from grader.course.model import Milestone
from grader.study.folder import read
from grader.study.progress import ExerciseProgress, course_progress
from grader.study.state import State
from grader.study.tracks import followed, more_exercises

AFTER = Path("docs", "after.md")
"""The page about what to do after the course, if the course has one; its first paragraph is shown at the end."""
CAPSTONE = "grader capstone"


def advice(course: Course, state: State, exercises: Sequence[ExerciseProgress]) -> list[str]:
    """Say what to do next, and that the learner may start an exercise before the ones that it builds on.

    Args:
        course: the part of the course that the learner works on.
        state: their saved progress.
        exercises: the status of each exercise of that part.
    """
    following = next((exercise for exercise in exercises if exercise.is_next), None)
    reached = [
        milestone for exercise in exercises if exercise.status == "passed" for milestone in _at(course, exercise.id)
    ]
    if following is None:
        commands = [milestone for milestone in reached[-1:] if milestone.command != CAPSTONE]
        return [*finished(course, state), *map(_sentence, commands)]
    sentences = [_about_next(following)]
    waiting = [exercise.id for exercise in exercises if exercise.waits_for and not exercise.is_next]
    if waiting:
        sentences.append(
            f"You can work on {', '.join(waiting)} at any time: if a module that an exercise builds on is missing or "
            "wrong, the checks use a stand-in."
        )
    sentences += map(_sentence, reached[-1:])
    return [*sentences, *_more(course)]


def advice_about(exercise: ExerciseProgress) -> list[str]:
    """Say what to do next about one exercise."""
    if exercise.status == "passed":
        return [f"Other ways to write it: grader solution {exercise.id}"]
    sentences = [_about_next(exercise)]
    if exercise.waits_for:
        names = " and ".join(exercise.waits_for)
        sentences.append(f"It builds on {names}: if that is missing or wrong, the checks use a stand-in.")
    return sentences


def finished(course: Course, state: State) -> list[str]:
    """Say what follows once everything on the learner's tracks has passed."""
    of_part = "" if course.all_of_it is None else " on your track"
    sentences = [f"All exercises{of_part} passed. Well done!"]
    if course.capstone is not None:
        sentences.append(f"Now put your modules together, train your GPT, and let it write: {CAPSTONE}")
    if course.has_hidden_checks:
        sentences.append("You can run the hidden checks on your code, too: grader check --hidden")
    track = _next_track(course, state)
    return [*sentences, *([track] if track else _more(course)), *_after_the_course(course)]


def is_finished(course: Course, state: State) -> bool:
    """Say whether everything on the learner's tracks has passed."""
    return all(exercise.status == "passed" for exercise in course_progress(course, state))


def milestones_after(course: Course, exercise: str) -> list[str]:
    """Say what the capstone can show now that an exercise has passed, and what to type."""
    return [_sentence(milestone) for milestone in _at(course, exercise)]


def _at(course: Course, exercise: str) -> list[Milestone]:
    milestones = course.capstone.milestones if course.capstone is not None else []
    return [milestone for milestone in milestones if milestone.after == exercise]


def _sentence(milestone: Milestone) -> str:
    return f"{milestone.title}: {milestone.command}"


def _about_next(exercise: ExerciseProgress) -> str:
    name = exercise.id
    if exercise.status == "not_started":
        return f"Next: read exercises/{name}.md (or: grader lesson {name}), and write exercises/{name}.py."
    return f"Next: grader watch {name}. Stuck? grader hint {name}"


def _more(course: Course) -> list[str]:
    others = len(course.whole.exercises) - len(course.exercises)
    return [more_exercises(others)] if others else []


def _next_track(course: Course, state: State) -> str:
    """Name the first track after the learner's that has something to do, or else one before; empty if there is none."""
    own = followed(course, state)
    passed = {name for name, record in state.exercises.items() if record.passed is not None}
    last = max((place for place, track in enumerate(course.tracks, 1) if track.id in own), default=0)
    for track in [*course.tracks[last:], *course.tracks[:last]]:
        count = len(set(track.exercises) & course.whole.by_id.keys() - passed)
        if track.id not in own and count:
            more = "1 more exercise" if count == 1 else f"{count} more exercises"
            return f"Your next track could be {track.id}, with {more}: grader track {track.id}"
    return ""


def _after_the_course(course: Course) -> list[str]:
    text = (read(course.root / AFTER) or b"").decode("utf-8", "replace")
    paragraphs = [
        part for part in text.replace("\r\n", "\n").split("\n\n") if part.strip() and not part.startswith("#")
    ]
    return [f"{' '.join(paragraphs[0].split())} Read {AFTER.as_posix()}"] if paragraphs else []
