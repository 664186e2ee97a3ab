"""Grades the submissions of an nbgrader course, and keeps the results beside them."""

from __future__ import annotations

import atexit
import functools
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from grader.course import Course, load_course
from grader.errors import UsageError
from grader.grading import Cache, GraderPool, Submission, grade_the_rest, take_in
from grader.grading.results import SubmissionResult

SUBMITTED = "submitted"


class Service:
    """Finds a student's submission in an nbgrader course, and has it graded where that has not been done.

    Args:
        course: the course.
        root: the folder of the nbgrader course.
        jobs: how many submissions are graded side by side; one per core by default.
    """

    def __init__(self, course: Course, root: Path, jobs: int | None = None) -> None:
        self.course, self.root = course, root
        self._cache = Cache(root, course)
        self._graders = GraderPool(course, jobs)

    def submission(self, student: str, assignment: str) -> Submission:
        """Read what a student handed in for an assignment.

        Modules that its exercises need come from the student's other assignments where they are not in this one.

        Raises:
            UsageError: the course has no such assignment.
        """
        found = next((one for one in self.course.assignments if one.id == assignment), None)
        if found is None:
            names = ", ".join(one.id for one in self.course.assignments)
            raise UsageError(f"There is no assignment `{assignment}` in the course. There are: {names}.")
        taken = take_in(self._folder(student, assignment), self.course, student)
        sources = dict(taken.sources)
        needed = {need for exercise in found.exercises for need in self.course.all_needs(exercise)} - sources.keys()
        for other in self.course.assignments:
            folder = self._folder(student, other.id)
            if other is not found and needed & set(other.exercises) and folder.is_dir():
                elsewhere = take_in(folder, self.course, student).sources
                sources |= {name: elsewhere[name] for name in needed & elsewhere.keys()}
        return replace(taken, sources=sources, exercises=frozenset(found.exercises))

    def stamp(self, submission: Submission) -> str:
        """Return what tells whether an autograded notebook is that of this submission, graded by this course."""
        feedback_level = [self.course.feedback_level(exercise.id) for exercise in self.course.exercises]
        return " ".join([self._cache.key(submission), *dict.fromkeys(feedback_level)])

    def grade(
        self, submissions: Sequence[Submission], done: Callable[[SubmissionResult], None] = lambda result: None
    ) -> list[SubmissionResult]:
        """Grade submissions, those aside of which the result is known.

        Args:
            submissions: what to grade.
            done: called with each result as it comes, after it was kept.
        """
        return grade_the_rest(self._cache, self._graders, submissions, lambda result, known: done(result))

    def close(self) -> None:
        """End the processes that grade."""
        self._graders.close()

    def _folder(self, student: str, assignment: str) -> Path:
        return self.root / SUBMITTED / student / assignment


@functools.cache
def service_for(course_file: Path, root: Path) -> Service:
    """Return the one service of this process for an nbgrader course; one submission at a time comes to it."""
    service = Service(load_course(course_file), root, jobs=1)
    atexit.register(service.close)
    return service
