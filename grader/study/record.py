"""Save the results of a run of checks on a learner's own code: code that passed, trials, mistakes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from grader.course import Course
from grader.study.folder import PASSED, digest, now, progress_folder, read, work, write_progress
from grader.study.state import Checkpoint, KnownMistake, State, Trial, change_state
from grader.study.stubs import keep_stub


@dataclass(frozen=True)
class Sighting:
    """The results of a run for one exercise.

    Attributes:
        exercise: its id.
        content: the learner's file as it was when the run began.
        statuses: the status of each check that ran, by id.
        over_standins: a check passed only with stand-ins.
        mistakes: the known mistakes that the run found.
    """

    exercise: str
    content: bytes
    statuses: Mapping[str, str]
    over_standins: bool = False
    mistakes: tuple[KnownMistake, ...] = ()


def record(course: Course, sightings: Sequence[Sighting], tell: Callable[[str], None]) -> list[str]:
    """Save the results of a run; return the exercises that passed for the first time, or again after a change.

    A file that changed during the run is ignored: it is not the code that was checked.

    Args:
        course: the course.
        sightings: the results for the learner's own code.
        tell: gets sentences for the learner.

    Raises:
        StateError: the state can't be written.
    """
    unchanged = [seen for seen in sightings if read(work(course, seen.exercise)) == seen.content]
    begun = []
    for seen in unchanged:
        keep_stub(course, seen.exercise, seen.content)
        if not set(seen.statuses.values()) <= {"not_started"}:
            begun.append(seen)
    if not begun:
        return []
    return change_state(course, tell, lambda state: [seen.exercise for seen in begun if _note(course, state, seen)])


def _note(course: Course, state: State, sighting: Sighting) -> bool:
    """Add the results for an exercise to the state; return whether it newly passed."""
    known = state.of(sighting.exercise)
    known.mistakes = list(sighting.mistakes)
    visible = {check.id for check in course.by_id[sighting.exercise].checks if check.visibility == "visible"}
    seen = {name: status for name, status in sighting.statuses.items() if name in visible}
    if not visible or set(seen) != visible:
        return False
    code = digest(sighting.content)
    passed = sum(status == "passed" for status in seen.values())
    if known.tried is None or (known.tried.digest, known.tried.passed) != (code, passed):
        known.tried = Trial(code, now(), passed, len(seen))
    if passed < len(seen):
        return False
    before = known.passed
    known.passed = Checkpoint(code, now(), sighting.over_standins)
    copy = progress_folder(course) / PASSED / f"{sighting.exercise}.py"
    if before is not None and before.digest == code and copy.is_file():
        if before.over_standins == sighting.over_standins:
            known.passed = before
        return False
    write_progress(course, copy, sighting.content)
    return True
