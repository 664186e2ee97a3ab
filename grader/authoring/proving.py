"""Proves what changed since it was last proven, and writes the page of matrices if that is wanted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.authoring.matrix import Matrix
from grader.authoring.matrix_page import expect_page, write_pages
from grader.authoring.proofs import Problem, Tell, other_versions, prove, stale
from grader.course import Course
from grader.errors import NoReference, StaleFiles


@dataclass(frozen=True)
class Proofs:
    """The results of a run: the ids of the exercises, and the problems with some of them."""

    exercises: tuple[str, ...]
    problems: tuple[Problem, ...]

    def __str__(self) -> str:
        return f"Proven: {', '.join(self.exercises)}." if self.exercises else "Nothing has changed since it was proven."


def prove_what_changed(
    course: Course, names: Sequence[str], everything: bool, check: bool, tell: Tell, out: Path | None = None
) -> Proofs:
    """Prove the named exercises; without names, those that changed since they were proven, or all.

    Args:
        course: the course.
        names: the ids of exercises.
        everything: also prove exercises that did not change.
        check: prove nothing; only look for changes.
        tell: called with a line about what changed, and about each step.
        out: the folder of the page with the matrices, for their new matrices; None to leave the page as it is.

    Raises:
        CourseError: a mistake doesn't fit the solution, or other exercises are missing from the page.
        GraderFailed: the checks can't run.
        MissingPackage: a folder is given, but matplotlib is not installed.
        NoReference: there are no solutions.
        StaleFiles: with `check`, something changed.
    """
    if not course.has_solutions:
        raise NoReference(f"There are no solutions in {course.root}, so nothing can be proven. Use the full course.")
    exercises = [exercise for exercise in course.exercises if exercise.id in (names or course.by_id)]
    old = stale(course, exercises)
    for line in other_versions(course):
        tell(line)
    if check and old:
        raise StaleFiles("\n".join(map(str, old)))
    for problem in old:
        tell(f"{problem.exercise}: {problem.sentence}")
    if not (names or everything):
        changes = {problem.exercise for problem in old}
        exercises = [exercise for exercise in exercises if exercise.id in changes]
    if check or not exercises:
        return Proofs((), ())
    if out is not None:
        expect_page(out, course, exercises)
    matrices: list[Matrix] = []
    problems = prove(course, exercises, tell, matrices)
    if out is not None:
        write_pages(matrices, out, None if len(matrices) == len(course.exercises) else course)
    return Proofs(tuple(exercise.id for exercise in exercises), tuple(problems))
