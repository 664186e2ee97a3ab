"""Grades the submissions of an nbgrader course, and saves the results in its folder."""

from __future__ import annotations

import functools
import multiprocessing.util
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from grader.course import Course, load_course
from grader.errors import UsageError
from grader.grading import Cache, GraderPool, Submission, grade_the_rest, take_in
from grader.grading.needed_packages import require_packages
from grader.grading.results import SubmissionResult

SUBMITTED = "submitted"


class Service:
    """Finds a student's submission in an nbgrader course, and grades it unless that is done.

    Args:
        course: the course.
        root: the folder of the nbgrader course.
        jobs: the number of submissions to grade at the same time; one per core by default.
    """

    def __init__(self, course: Course, root: Path, jobs: int | None = None) -> None:
        self.course, self.root = course, root
        self._cache = Cache(root, course)
        self._graders = GraderPool(course, jobs)

    def submission(self, student: str, assignment: str) -> Submission:
        """Read what a student handed in for an assignment.

        Modules that its exercises need come from the student's other assignments if they aren't in this one.

        Raises:
            UsageError: the course doesn't have this assignment.
        """
        wanted = next((each for each in self.course.assignments if each.id == assignment), None)
        if wanted is None:
            names = ", ".join(each.id for each in self.course.assignments)
            raise UsageError(f"There is no assignment `{assignment}` in the course. There are: {names}.")
        taken = take_in(self._folder(student, assignment), self.course, student)
        sources, helpers = dict(taken.sources), dict(taken.helpers)
        needed = {need for exercise in wanted.exercises for need in self.course.all_needs(exercise)} - sources.keys()
        for other in self.course.assignments:
            folder = self._folder(student, other.id)
            if other is not wanted and needed & set(other.exercises) and folder.is_dir():
                elsewhere = take_in(folder, self.course, student)
                sources |= {name: elsewhere.sources[name] for name in needed & elsewhere.sources.keys()}
                helpers = elsewhere.helpers | helpers
        return replace(taken, sources=sources, helpers=helpers, exercises=frozenset(wanted.exercises))

    def stamp(self, submission: Submission) -> str:
        """Return a stamp that identifies this submission, as graded by this course, in an autograded notebook."""
        feedback_level = [self.course.feedback_level(exercise.id) for exercise in self.course.exercises]
        return " ".join([self._cache.key(submission), *dict.fromkeys(feedback_level)])

    def grade(
        self, submissions: Sequence[Submission], done: Callable[[SubmissionResult], None] = lambda result: None
    ) -> list[SubmissionResult]:
        """Grade the submissions whose results are not known yet.

        Args:
            submissions: what to grade.
            done: called with each result when it has been saved.

        Raises:
            MissingPackage: one of the exercises needs a package that is missing.
        """
        require_packages(self.course, sorted({name for each in submissions for name in each.exercises or ()}))
        return grade_the_rest(self._cache, self._graders, submissions, lambda result, known: done(result))

    def close(self) -> None:
        """End the grader processes."""
        self._graders.close()

    def _folder(self, student: str, assignment: str) -> Path:
        return self.root / SUBMITTED / student / assignment


@functools.cache
def service_for(course_file: Path, root: Path) -> Service:
    """Return the only service of this process for an nbgrader course; it gets one submission at a time."""
    service = Service(load_course(course_file), root, jobs=1)
    # Not `atexit`, which a process of a pool never comes to: it would wait for those that grade, and they for it.
    multiprocessing.util.Finalize(None, service.close, exitpriority=10)
    return service
