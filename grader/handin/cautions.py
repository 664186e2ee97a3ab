"""What a learner should know before they hand in: warnings, which stop nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from grader.course import Course
from grader.grading.encodings import in_utf8
from grader.grading.recognition import asked_by
from grader.handin.choice import Selection, assignments_of
from grader.handin.deadlines import about_due_date, is_closed
from grader.handin.work import LearnerFile, Work, file_of, notebooks_instead
from grader.learner.source import Source
from grader.text import listed

MAX_NAMED = 8


def cautions(
    course: Course, staged: Course, selection: Selection, files: Sequence[LearnerFile], work: Work, now: datetime
) -> Iterator[str]:
    """Yield a sentence about each thing that may be a mistake, and about when the work is due.

    Args:
        course: the course.
        staged: the course with its stubs.
        selection: what the learner hands in.
        files: the files of its exercises.
        work: what goes into the archive.
        now: the time.
    """
    yield from _about_files(files, work)
    yield from _about_other_exercises(staged, work)
    yield from _about_assignments(course, selection, now)
    yield from _about_the_rest(course, selection, files, now)


def _about_files(files: Sequence[LearnerFile], work: Work) -> Iterator[str]:
    untouched = [file.shown for file in files if file.content is not None and not file.is_begun]
    missing = [file.shown for file in files if file.content is None and not file.problem]
    if untouched:
        yield f"Nothing is written yet, so it isn't in the archive: {listed(untouched, MAX_NAMED)}."
    if missing:
        yield f"There is no such file: {listed(missing, MAX_NAMED)}."
    unusable = [file.shown for file in files if file.problem]
    if unusable:
        yield f"Not in the archive, for the reason above: {listed(unusable, MAX_NAMED)}."
    for file in work.left_out.values():
        yield f"{file.shown} isn't in the archive, although your modules import it: it is {file.problem}."
    for file in [*work.modules.values(), *work.helpers.values()]:
        if file.is_link:
            yield f"{file.shown} is a link; the archive has a copy of the file that it points to."


def _about_other_exercises(staged: Course, work: Work) -> Iterator[str]:
    """Say which modules seem to be another exercise's: they define nothing that theirs asks for, and all of another."""
    asked = {name: asked_by(staged.stubs / f"{name}.py") for name in staged.by_id}
    for name, file in work.modules.items():
        try:
            defined = Source(in_utf8(file.content or b"")[0], file.shown).definitions
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        if not asked[name] or asked[name] & defined:
            continue
        others = [other for other, names in asked.items() if names and names <= defined]
        if others:
            yield f"{file.shown} seems to be for {listed(others, MAX_NAMED)}, and has nothing of {name}. Look into it."


def _about_assignments(course: Course, selection: Selection, now: datetime) -> Iterator[str]:
    assignments = assignments_of(course, selection.exercises)
    if len(assignments) > 1:
        names = [assignment.id for assignment in assignments]
        yield (
            f"These exercises belong to {len(names)} assignments: {listed(names, MAX_NAMED)}. If you hand them in "
            f"separately, name one: grader hand-in {names[0]}"
        )
    given = {exercise for assignment in assignments for exercise in assignment.exercises}
    alone = [exercise for exercise in selection.exercises if exercise not in given]
    if course.has_assignments and assignments and alone:
        yield f"In no assignment: {listed(alone, MAX_NAMED)}."
    yield from filter(None, (about_due_date(assignment, now) for assignment in assignments))
    if assignments and all(is_closed(assignment, now) for assignment in assignments):
        open_ones = [
            assignment.id
            for assignment in course.assignments
            if assignment.due is not None
            and not is_closed(assignment, now)
            and any(file_of(course, exercise).is_begun for exercise in assignment.exercises)
        ]
        if open_ones:
            name = open_ones[0]
            yield f"You have also begun {name}, which isn't due yet. If you meant that: grader hand-in {name}"


def _about_the_rest(course: Course, selection: Selection, files: Sequence[LearnerFile], now: datetime) -> Iterator[str]:
    """Name what is begun and not included, unless its assignment was due already."""
    over = {
        exercise
        for assignment in course.assignments
        if is_closed(assignment, now) and assignment.id != selection.assignment
        for exercise in assignment.exercises
    }
    rest = [
        exercise.id
        for exercise in course.exercises
        if exercise.id not in selection.exercises and exercise.id not in over and file_of(course, exercise.id).is_begun
    ]
    if rest:
        names = listed(rest, MAX_NAMED)
        yield f"Begun, but not included: {names}. To hand in everything that you have begun: grader hand-in"
    notebooks = notebooks_instead(course, files)
    if notebooks:
        yield f"Notebooks aren't included: {listed(notebooks, MAX_NAMED)}. Hand them in yourself, next to the archive."
