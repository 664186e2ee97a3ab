"""What a part of a course takes of a submission's result, and of the instructor's files, which are about all of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

import msgspec

from grader.course import Course
from grader.grading.class_files import MAX_NAMED, Register
from grader.grading.results import SubmissionResult
from grader.grading.verdict import assemble
from grader.text import listed


def in_part(course: Course, result: SubmissionResult) -> SubmissionResult:
    """Return a submission's result with only the exercises of a part of the course."""
    if course.all_of_it is None:
        return result
    exercises = {exercise.id: result.exercises[exercise.id] for exercise in course.exercises}
    return assemble(result.id, exercises, result.notes, result.sandboxed, result.digest, result.fault)


def register_of_part(register: Register, course: Course) -> Register:
    """Return what the instructor's files say about a part of a course.

    A manual total is of the whole course, so it doesn't apply to a part; a remark lists the submissions that have one.
    """
    if course.all_of_it is None:
        return register
    assignments = {assignment.id for assignment in course.assignments}
    totals = [name for name, by_hand in register.by_hand.items() if any(o.exercise is None for o in by_hand.scores)]
    remarks = list(register.remarks)
    if totals:
        remarks.append(
            "Manual total scores are for the whole course, so they don't count while only a part of it is graded: "
            f"{listed(totals, MAX_NAMED)}. For a part, set the scores of exercises."
        )
    return Register(
        {name: _only(times, assignments) for name, times in register.handed_in.items()},
        {name: _only(times, assignments) for name, times in register.extensions.items()},
        {
            name: msgspec.structs.replace(
                by_hand, scores=[override for override in by_hand.scores if override.exercise in course.by_id]
            )
            for name, by_hand in register.by_hand.items()
        },
        remarks,
    )


def _only(times: Mapping[str, datetime], assignments: Collection[str]) -> dict[str, datetime]:
    return {assignment: time for assignment, time in times.items() if assignment in assignments}
