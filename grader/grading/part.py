"""Which part of a course is graded, and what it takes of the instructor's files."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from grader.course import Course, by_default, narrowed
from grader.grading.class_files import Register
from grader.grading.intake import Submission
from grader.grading.recognition import is_begun
from grader.grading.unknown import MAX_NAMED
from grader.grading.unnamed import SEPARATOR
from grader.text import listed


def part_to_grade(
    course: Course, submissions: Sequence[Submission], register: Register
) -> tuple[Course, tuple[str, ...]]:
    """Choose the exercises to grade: those that count by default, and all that somebody handed in or has a mark for.

    Args:
        course: the course; if it is a part that somebody chose, it stays as it is.
        submissions: what was handed in.
        register: the instructor's files.

    Returns:
        The part of the course, and a sentence if there is more in it than what counts by default.
    """
    default = by_default(course)
    if course.all_of_it is not None or len(default) == len(course.exercises):
        return course, ()
    handed_in: dict[str, list[str]] = {}
    for submission in submissions:
        for name, source in submission.sources.items():
            if name not in default and is_begun(source, course.stubs / f"{name}.py"):
                handed_in.setdefault(name, []).append(submission.id)
    marked = {name for by_hand in register.by_hand.values() for name in by_hand.exercises}
    part = narrowed(course, default | handed_in.keys() | (marked & course.by_id.keys()))
    more = [
        f"{exercise.id} ({listed(handed_in[exercise.id], MAX_NAMED)})"
        for exercise in part.exercises
        if exercise.id in handed_in
    ]
    if not more:
        return part, ()
    tracks = ",".join(course.default_tracks)
    return part, (
        f"Handed in, though not on the track {' or '.join(course.default_tracks)}, so it counts for everybody: "
        f"{listed(more, MAX_NAMED)}. To leave it out: --track {tracks}",
    )


def register_of_part(register: Register, course: Course) -> Register:
    """Return what the instructor's files say about a part of a course.

    Manual totals and rubric items for the total are about the whole course, so they don't apply to a part; a remark
    lists the submissions that have some.
    """
    if course.all_of_it is None:
        return register
    assignments = {assignment.id for assignment in course.assignments}
    remarks = list(register.remarks)
    for what, having in (
        ("Manual total scores", [name for name, by_hand in register.by_hand.items() if by_hand.has_total]),
        ("Rubric items for the total", [name for name, by_hand in register.by_hand.items() if by_hand.total_items]),
    ):
        if having:
            remarks.append(
                f"{what} are for the whole course, so they don't count while only a part of it is graded: "
                f"{listed(having, MAX_NAMED)}. For a part, mark its exercises."
            )
    return Register(
        {name: _only(times, assignments) for name, times in register.handed_in.items()},
        {name: _only(times, assignments) for name, times in register.extensions.items()},
        {name: by_hand.only(course.by_id) for name, by_hand in register.by_hand.items()},
        remarks,
        register.answers,
        {name: marks for name, marks in register.alike.items() if name.rpartition(SEPARATOR)[0] in course.by_id},
    )


def _only(times: Mapping[str, datetime], assignments: Collection[str]) -> dict[str, datetime]:
    return {assignment: time for assignment, time in times.items() if assignment in assignments}
