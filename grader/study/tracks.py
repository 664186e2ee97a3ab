"""The tracks that a learner follows: which exercises progress, checks and `grader watch` show."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.course import Course, by_default, narrowed, of_tracks, split
from grader.errors import UsageError
from grader.study.folder import read, work
from grader.study.state import State, change_state, load_state
from grader.study.stubs import is_untouched, keep_stub

Tell = Callable[[str], None]


@dataclass(frozen=True)
class TrackProgress:
    """A track: whether the learner follows it, its exercises, and how many of them have passed."""

    id: str
    title: str
    is_followed: bool
    exercises: tuple[str, ...]
    passed: int


def followed(course: Course, state: State) -> tuple[str, ...]:
    """Return the ids of the tracks that a learner follows: those they chose, or else the course's default tracks."""
    known = {track.id for track in course.tracks}
    return tuple(track for track in state.tracks if track in known) or course.default_tracks


def chosen(course: Course, state: State) -> frozenset[str]:
    """Return the ids of the exercises on the tracks that a learner follows; all of a course without tracks."""
    if state.tracks and (tracks := followed(course, state)) != course.default_tracks:
        return of_tracks(course, tracks)
    return by_default(course)


def is_begun(course: Course, exercise: str, folder: Path | None = None) -> bool:
    """Say whether an exercise's file is there and isn't the stub any more.

    Args:
        course: the course.
        exercise: the exercise's id.
        folder: the folder of the file; the learner's own by default.
    """
    content = read(work(course, exercise) if folder is None else folder / f"{exercise}.py")
    if content is None:
        return False
    if folder is None:
        keep_stub(course, exercise, content)
    return not is_untouched(course, exercise, content)


def on_track(course: Course, tell: Tell, more: Sequence[str] = ()) -> Course:
    """Return the part of a course that a learner works on: what is on their tracks, and what they have begun.

    Args:
        course: the course.
        tell: gets a sentence if saved progress can't be read.
        more: exercises that belong to it in any case.
    """
    exercises = chosen(course, load_state(course, tell))
    begun = [exercise.id for exercise in course.exercises if exercise.id not in exercises]
    return narrowed(course, exercises.union(more, (name for name in begun if is_begun(course, name))))


def more_exercises(count: int) -> str:
    """Say how many exercises are on other tracks, and how to see them."""
    return f"{count} more {'exercise is' if count == 1 else 'exercises are'} on other tracks: grader track"


def choose(course: Course, tracks: Sequence[str], tell: Tell) -> None:
    """Follow these tracks from now on.

    Args:
        course: the course.
        tracks: their ids; each text may hold several, separated by commas.
        tell: gets a sentence if saved progress can't be read.

    Raises:
        UsageError: the course has no such track, or none of its exercises is finished yet.
        StateError: the choice can't be saved.
    """
    names = split(tracks)
    if not names:
        raise UsageError(f"Name a track: {', '.join(track.id for track in course.tracks)}.")
    for name in names:
        _refuse_exercise(course, name)
    narrowed(course, of_tracks(course, names))

    def follow(state: State) -> None:
        state.tracks = list(dict.fromkeys(names))

    change_state(course, tell, follow)


def _refuse_exercise(course: Course, name: str) -> None:
    """Say on which tracks an exercise is, if somebody names it instead of a track."""
    tracks = [track.id for track in course.tracks if name in track.exercises]
    if tracks and name not in {track.id for track in course.tracks}:
        raise UsageError(
            f"`{name}` is an exercise. The tracks that have it: {', '.join(tracks)}. "
            f"To follow one: grader track {tracks[0]}. To check the exercise: grader check {name}"
        )


def all_tracks(course: Course, tell: Tell) -> list[TrackProgress]:
    """List a course's tracks.

    Raises:
        UsageError: it has none.
    """
    if not course.tracks:
        raise UsageError(f"{course.file.name} has no tracks: you work on all of its exercises.")
    state = load_state(course, tell)
    following = followed(course, state)
    passed = {name for name, record in state.exercises.items() if record.passed is not None}
    return [
        TrackProgress(
            track.id,
            track.title,
            track.id in following,
            tuple(track.exercises),
            sum(exercise in passed for exercise in track.exercises),
        )
        for track in course.tracks
    ]
