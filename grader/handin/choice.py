"""What a learner hands in: an assignment, the exercises that they name, or everything that they have begun."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from grader.course import Assignment, Course, split
from grader.errors import UsageError
from grader.handin.work import file_of
from grader.study.meant import meant
from grader.text import did_you_mean


@dataclass(frozen=True)
class Selection:
    """What is handed in.

    Attributes:
        exercises: the ids of the exercises, in the course's order.
        assignment: the id of the assignment; empty if the exercises aren't those of one.
        name: what the archive is called after.
    """

    exercises: tuple[str, ...]
    assignment: str
    name: str


def choose(course: Course, names: Sequence[str]) -> Selection:
    """Find out what is handed in; by default, everything begun, which a learner's track always includes.

    Args:
        course: the course.
        names: assignments and exercises; each text may hold several, separated by commas.

    Raises:
        UsageError: there is no such assignment or exercise, or nothing is begun.
    """
    wanted = split(names)
    by_id = {assignment.id: assignment for assignment in course.assignments}
    if not wanted:
        begun = [exercise.id for exercise in course.exercises if file_of(course, exercise.id).is_begun]
        if not begun:
            raise UsageError(
                "Nothing to hand in: you haven't begun an exercise. To see where to start: grader progress"
            )
        return _selection(course, begun, [])
    named = [by_id[name] for name in wanted if name in by_id]
    chosen = [exercise for assignment in named for exercise in assignment.exercises]
    chosen += [_exercise(course, name) for name in wanted if name not in by_id]
    return _selection(course, chosen, named)


def assignments_of(course: Course, exercises: Sequence[str]) -> list[Assignment]:
    """List the assignments in `course.yaml` that some exercises belong to."""
    listed = course.assignments if course.has_assignments else ()
    return [assignment for assignment in listed if set(assignment.exercises) & set(exercises)]


def _exercise(course: Course, name: str) -> str:
    try:
        return meant(course, name).id
    except UsageError as problem:
        if not course.has_assignments:
            raise
        names = [assignment.id for assignment in course.assignments]
        if suggestion := did_you_mean(name, names):
            raise UsageError(f"There is no assignment or exercise `{name}`{suggestion}.") from None
        raise UsageError(f"{problem} The assignments are: {', '.join(names)}.") from None


def _selection(course: Course, exercises: Sequence[str], named: Sequence[Assignment]) -> Selection:
    in_order = tuple(exercise.id for exercise in course.exercises if exercise.id in exercises)
    if len(named) == 1:
        assignment = named[0].id
    else:
        containing = [each.id for each in course.assignments if set(in_order) <= set(each.exercises)]
        assignment = containing[0] if containing else ""
    only = in_order[0] if len(in_order) == 1 else ""
    name = re.sub(r"[^\w-]+", "-", assignment or only or course.id).strip("-") or "work"
    # A number after a hyphen is that of an archive: `grader collect` takes `x-2.zip` for a newer `x.zip`.
    return Selection(in_order, assignment, re.sub(r"-(\d+)$", r"_\1", name))
