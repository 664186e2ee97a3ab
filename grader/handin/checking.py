"""The visible checks on what is handed in, run as grading runs them: on the archive, in processes of their own."""

from __future__ import annotations

import contextlib
import dataclasses
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.course import COURSE_FILE, Course
from grader.errors import GraderError
from grader.grading.intake import take_in
from grader.grading.process_start import prepare_processes
from grader.grading.results import ExerciseResult
from grader.grading.run import grade
from grader.study.stubs import stub_of


@dataclass(frozen=True)
class Rehearsal:
    """What grading will make of an archive, as far as the visible checks can say.

    Attributes:
        results: the result of each exercise, by id; empty if the checks could not be run.
        problem: why they could not; empty if they could.
        notes: sentences about the archive's files, which the report will have, too.
    """

    results: dict[str, ExerciseResult]
    problem: str = ""
    notes: tuple[str, ...] = ()


@contextlib.contextmanager
def with_stubs(course: Course) -> Iterator[Course]:
    """Give the course as the instructor has it: its stubs are stubs, and not the learner's work."""
    with tempfile.TemporaryDirectory(prefix="stubs-") as name:
        staged = dataclasses.replace(course, file=Path(name) / COURSE_FILE)
        staged.stubs.mkdir()
        for exercise in course.exercises:
            stub = stub_of(course, exercise.id)
            if stub is not None:
                (staged.stubs / f"{exercise.id}.py").write_bytes(stub)
        yield staged


def rehearse(course: Course, staged: Course, archive: Path, exercises: Sequence[str]) -> Rehearsal:
    """Read an archive and run the visible checks on it, both as grading does.

    Args:
        course: the course.
        staged: the course with its stubs.
        archive: the archive.
        exercises: the exercises to check.
    """
    visible = frozenset(
        check.id for name in exercises for check in course.by_id[name].checks if check.visibility == "visible"
    )
    try:
        submission = take_in(archive, staged)
        if not visible or not submission.sources:
            return Rehearsal({}, "", submission.notes)
        part = dataclasses.replace(submission, checks=visible, exercises=frozenset(exercises))
        prepare_processes()
        (result,) = grade(course, [part], jobs=1, diagnosing=False)
    except GraderError as error:
        return Rehearsal({}, str(error))
    if result.fault:
        return Rehearsal({}, "The grader itself failed while it ran them. Run: grader doctor", submission.notes)
    return Rehearsal({name: result.exercises[name] for name in exercises}, "", submission.notes)
