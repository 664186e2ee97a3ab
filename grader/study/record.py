"""What a run of checks found on a learner's own work, written down: passes with their code, trials, mistakes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from grader.course import Course
from grader.study.folder import PASSED, desk_folder, digest, now, read, work, write
from grader.study.state import Checkpoint, KnownMistake, State, Trial, change_state
from grader.study.stubs import keep_stub


@dataclass(frozen=True)
class Sighting:
    """What a run found about one exercise.

    Attributes:
        exercise: its id.
        content: the learner's file as it was when the run began.
        statuses: what became of the checks that ran, by their ids.
        over_standins: a check passed over stand-ins alone.
        mistakes: the known mistakes that were found.
    """

    exercise: str
    content: bytes
    statuses: Mapping[str, str]
    over_standins: bool = False
    mistakes: tuple[KnownMistake, ...] = ()


def record(course: Course, sightings: Sequence[Sighting], tell: Callable[[str], None]) -> list[str]:
    """Write down what a run found; return the exercises that passed for the first time, or again after a change.

    What changed while it was checked counts for nothing: it is not what passed.

    Args:
        course: the course.
        sightings: what was found, for the learner's own work.
        tell: is given what somebody should know.

    Raises:
        StateError: it cannot be written.
    """
    steady = [one for one in sightings if read(work(course, one.exercise)) == one.content]
    begun = []
    for one in steady:
        keep_stub(course, one.exercise, one.content)
        if not set(one.statuses.values()) <= {"not_started"}:
            begun.append(one)
    if not begun:
        return []
    return change_state(course, tell, lambda state: [one.exercise for one in begun if _note(course, state, one)])


def _note(course: Course, state: State, sighting: Sighting) -> bool:
    """Note what was found about an exercise; say whether that is a new pass."""
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
    copy = desk_folder(course) / PASSED / f"{sighting.exercise}.py"
    if before is not None and before.digest == code and copy.is_file():
        if before.over_standins == sighting.over_standins:
            known.passed = before
        return False
    write(copy, sighting.content)
    return True
