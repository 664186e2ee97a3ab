"""A part of a course: some of its exercises, or those of some of its assignments or tracks."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

import msgspec

from grader.course.model import Course
from grader.errors import UsageError
from grader.text import did_you_mean, listed

MAX_NAMED = 12
"""How many exercises or assignments a message lists; the others are only counted."""


def part_of(
    course: Course, exercises: Sequence[str] = (), assignments: Sequence[str] = (), tracks: Sequence[str] = ()
) -> Course:
    """Return a course narrowed to some of its exercises; scores, pages, tables and exports then leave out the rest.

    An exercise is still graded with the modules that it needs, whether they are in the part or not.

    Args:
        course: the course.
        exercises: the ids of the exercises; each may be several, separated by commas.
        assignments: the ids of assignments, instead of exercises.
        tracks: the ids of tracks, instead of either. Without any of them, the course is returned as it is.

    Raises:
        UsageError: the course has no such exercise, assignment or track, or two kinds are given.
    """
    names = split(exercises)
    if exercises and not names:
        raise UsageError("--only names no exercise. Write the id of one: --only ID")
    given = [
        option for option, named in (("--only", names), ("--assignment", assignments), ("--track", tracks)) if named
    ]
    if len(given) > 1:
        raise UsageError(f"{' and '.join(given)} exclude each other. Use one of them.")
    if tracks:
        return narrowed(course, of_tracks(course, split(tracks)))
    for name in names:
        if name not in course.by_id:
            raise UsageError(f"There is no exercise `{name}` in {course.file.name}{_choices(name, course.by_id)}")
    by_id = {assignment.id: assignment for assignment in course.assignments}
    for name in assignments:
        if name not in by_id:
            raise UsageError(f"There is no assignment `{name}` in {course.file.name}{_choices(name, by_id)}")
        names += by_id[name].exercises
    return narrowed(course, names) if names else course


def split(names: Sequence[str]) -> list[str]:
    """Return names, of which each text may hold several, separated by commas."""
    return [name for text in names for part in text.split(",") if (name := part.strip())]


def of_tracks(course: Course, tracks: Sequence[str]) -> frozenset[str]:
    """Return the ids of the exercises of some tracks.

    Raises:
        UsageError: the course has no such track, or no tracks at all.
    """
    by_id = {track.id: track.exercises for track in course.tracks}
    for name in tracks:
        if name not in by_id:
            problem = f"There is no track `{name}` in {course.file.name}"
            raise UsageError(f"{problem}{_choices(name, by_id)}" if by_id else f"{problem}: it has no tracks.")
    return frozenset(exercise for name in tracks for exercise in by_id[name])


def by_default(course: Course) -> frozenset[str]:
    """Return the ids of the exercises that count unless somebody chooses others.

    They are those of the default tracks and of the assignments that `course.yaml` lists, or else all.
    """
    if not course.default_tracks:
        return frozenset(course.by_id)
    assigned = course.assignments if course.has_assignments else ()
    return of_tracks(course, course.default_tracks).union(*(assignment.exercises for assignment in assigned))


def default_part(course: Course, tracks: Sequence[str] = ()) -> Course:
    """Return the exercises of some tracks, or else those that count by default.

    Args:
        course: the course.
        tracks: the ids of tracks; each text may hold several, separated by commas.

    Raises:
        UsageError: the course has no such track.
    """
    return part_of(course, tracks=tracks) if tracks else narrowed(course, by_default(course))


def narrowed(course: Course, exercises: Collection[str]) -> Course:
    """Return a course with only these of its exercises, in its order, and with what its assignments have of them.

    Raises:
        UsageError: the course has none of them.
    """
    if not any(exercise in course.by_id for exercise in exercises):
        raise UsageError("None of these exercises is finished yet. Choose others.")
    kept = tuple(exercise for exercise in course.exercises if exercise.id in exercises)
    if len(kept) == len(course.exercises):
        return course
    assignments = [
        msgspec.structs.replace(assignment, exercises=[name for name in assignment.exercises if name in exercises])
        for assignment in course.assignments
    ]
    in_part = tuple(assignment for assignment in assignments if assignment.exercises)
    return replace(course, exercises=kept, assignments=in_part, all_of_it=course.whole)


def incomplete(course: Course) -> dict[str, list[str]]:
    """Return the assignments of which a part of a course has only some exercises, with the exercises left out."""
    in_part = {assignment.id: assignment.exercises for assignment in course.assignments}
    return {
        assignment.id: left_out
        for assignment in course.whole.assignments
        if assignment.id in in_part
        for left_out in [[name for name in assignment.exercises if name not in in_part[assignment.id]]]
        if left_out
    }


def _choices(name: str, known: Collection[str]) -> str:
    return f"{did_you_mean(name, known)}. Choose from: {listed(list(known), MAX_NAMED)}."
