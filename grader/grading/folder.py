"""Grading a folder of submissions: all steps from its files to final scores, in order."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from grader.course import Course
from grader.errors import CourseError, GraderError, NotWritten
from grader.grading.alike_marks import with_alike_marks
from grader.grading.cache import Cache, grade_the_rest, keys_of
from grader.grading.class_files import Register, read_register
from grader.grading.final_score import adjusted
from grader.grading.intake import Submission, take_in
from grader.grading.messages import GradingOptions, SandboxMode
from grader.grading.needed_packages import require_packages
from grader.grading.part import part_to_grade, register_of_part
from grader.grading.process_start import prepare_processes
from grader.grading.questions import with_questions
from grader.grading.results import Results, SubmissionResult, results
from grader.grading.run import graders
from grader.grading.single import result_without_grade, take_in_single
from grader.grading.survey import Survey, siblings, survey_of
from grader.shadows import sentences
from grader.writing import make_folder

if TYPE_CHECKING:
    from grader.grading.cluster import Cluster
    from grader.grading.pool import GraderPool

NOT_SANDBOXED = "Not sandboxed: the submissions' code ran with your permissions. To find out why: grader doctor"


@dataclass(frozen=True)
class FolderOptions:
    """How a folder is graded.

    Attributes:
        sandbox: `auto` uses a sandbox if there is one, `require` refuses to grade without, `off` never uses one.
        jobs: how many submissions are graded at once; one per core by default.
        scheduler: the address of a Dask scheduler, such as `tcp://10.0.0.1:8786`, to grade on its cluster.
        times: the instructor's file of hand-in times and extensions.
        marks: the instructor's files of comments, manual scores and rubric items.
        regrade: ignore the results that an earlier run kept.
        single: the path is one submission, whatever is in it, and gets a result even if the grader fails on it.
        replay: reuse the outcomes of submissions that gave the same replies; without it the results are the same, and
            grading takes longer.
    """

    sandbox: SandboxMode = "auto"
    jobs: int | None = None
    scheduler: str | None = None
    times: Path | None = None
    marks: tuple[Path, ...] = ()
    regrade: bool = False
    single: bool = False
    replay: bool = True


@dataclass(frozen=True)
class GradedFolder:
    """A folder that was graded.

    Attributes:
        results: the results, in the order of the submissions' ids.
        modules: the modules that were graded, by submission and exercise id.
        remarks: sentences for the instructor.
    """

    results: Results
    modules: Mapping[str, Mapping[str, bytes]]
    remarks: tuple[str, ...]


def grade_folder(
    path: Path,
    course: Course,
    out: Path | None = None,
    options: FolderOptions | None = None,
    begin: Callable[[int], None] = lambda count: None,
    done: Callable[[SubmissionResult, bool], None] = lambda result, known: None,
) -> GradedFolder:
    """Grade the submissions in a folder.

    Args:
        path: a submission's folder, or a folder of such folders.
        course: the course, or a part of it (`grader.course.part_of`).
        out: the folder in which each result is kept as it comes, so that a run that was stopped continues from there;
            None keeps nothing.
        options: how they are graded.
        begin: called with the number of submissions, before the first is graded.
        done: called with each result as it comes, and with whether it is from an earlier run. It doesn't include
            manual scores and lateness yet.

    Raises:
        GraderError: there is nothing to grade, one of the instructor's files is wrong, a sandbox is required and
            missing, an exercise needs a package that is missing, nothing can be written to `out`, or the checks cannot
            be run. Mistakes in files are reported before the first submission is graded.
    """
    with FolderGrader(path, course, out, options) as grader:
        handed_in = grader.read()
        begin(len(handed_in.submissions))
        return grader.grade(handed_in, done)


@dataclass(frozen=True)
class HandedInNow:
    """What is in a folder of submissions at one moment, and what the instructor's files say about it.

    Attributes:
        survey: where the submissions are, and what else there is.
        submissions: the submissions, in the order of their ids.
        course: the part of the course that counts.
        register: the instructor's files.
        remarks: sentences for the instructor.
        are_all: whether these are all submissions in the folder.
    """

    survey: Survey
    submissions: tuple[Submission, ...]
    course: Course
    register: Register
    remarks: tuple[str, ...]
    are_all: bool = True

    def only(self, submissions: Sequence[Submission]) -> HandedInNow:
        """Return the same with only some of the submissions, in the order of their ids, or earlier versions of them."""
        ordered = tuple(sorted(submissions, key=lambda submission: submission.id))
        return dataclasses.replace(self, submissions=ordered, are_all=self.are_all and ordered == self.submissions)


class FolderGrader:
    """Grades the submissions in a folder, also several times as more arrive, with the same grader processes.

    Args:
        path: a submission's folder, or a folder of such folders.
        course: the course, or a part of it.
        out: the folder in which each result is kept as it comes; None keeps nothing.
        options: how they are graded.

    Raises:
        CourseError: the course has no checks.
    """

    def __init__(self, path: Path, course: Course, out: Path | None, options: FolderOptions | None = None) -> None:
        if not any(exercise.checks for exercise in course.exercises):
            raise CourseError(
                f"{course.file} has no checks in {course.root / 'tests'}. "
                "Keep it in the course's folder, next to `tests`."
            )
        self._path, self._course, self._out = path, course, out
        self._options = options or FolderOptions()
        self._pool: GraderPool | Cluster | None = None
        self._regrade, self._has_folder = self._options.regrade, False
        # The processes that grade know the course as it is now, even if its files change later.
        self._keys = keys_of(course)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if self._pool is not None:
            self._pool.close()

    def read(self, take: Callable[[Path, Course, str], Submission] = take_in) -> HandedInNow:
        """Read what is in the folder now, and the instructor's files. Nothing is executed.

        Args:
            take: reads one submission.

        Raises:
            GraderError: there is nothing to grade, or one of the instructor's files is wrong.
        """
        whole, options = self._course.whole, self._options
        survey = Survey({}, is_single=True) if options.single else survey_of(self._path, whole, self._out)
        if self._out is not None and not self._has_folder:
            make_folder(self._out)
            self._has_folder = True
        if options.single:
            submissions = [take_in_single(self._path, whole)]
        else:
            submissions = [take(folder, whole, name) for name, folder in survey.submissions.items()]
        ids = [submission.id for submission in submissions]
        neighbors = siblings(self._path) if survey.is_single else []
        # The instructor's files are about the whole course, whatever part of it is graded now.
        register = read_register(whole, ids, neighbors, options.times, options.marks)
        register = register_of_part(register, self._course)
        course, outside = part_to_grade(self._course, submissions, register)
        return HandedInNow(survey, tuple(submissions), course, register, outside)

    def grade(
        self, handed_in: HandedInNow, done: Callable[[SubmissionResult, bool], None] = lambda result, known: None
    ) -> GradedFolder:
        """Grade what isn't known yet, and apply the instructor's files.

        Args:
            handed_in: what to grade.
            done: called with each result as it comes, and with whether it was known before.

        Raises:
            GraderError: a sandbox is required and missing, an exercise needs a package that is missing, a result cannot
                be kept, or the checks cannot be run.
        """
        course, submissions = handed_in.course, handed_in.submissions
        try:
            require_packages(course, course.by_id)
            by_checks = self._results(course, submissions, done)
        except NotWritten:
            raise
        except GraderError as error:
            if not self._options.single:
                raise
            return GradedFolder(result_without_grade(submissions[0], course, error), modules_of(submissions), ())
        return self.finish(handed_in, by_checks)

    def finish(self, handed_in: HandedInNow, outcomes: Sequence[SubmissionResult]) -> GradedFolder:
        """Apply the instructor's files to results.

        Args:
            handed_in: what was graded.
            outcomes: its results, in the same order.

        Raises:
            GraderError: something in the instructor's files doesn't fit the results.
        """
        course, survey, submissions = handed_in.course, handed_in.survey, handed_in.submissions
        notices = [*survey.notices, *(notice for submission in submissions for notice in submission.notices)]
        by_checks = results(course, outcomes, notices)
        some_are_missing = survey.is_single or not handed_in.are_all
        register = with_alike_marks(handed_in.register, course, by_checks, some_are_missing)
        graded = adjusted(course, by_checks, register)
        graded, about_answers = with_questions(
            course, graded, {submission.id: submission.questions for submission in submissions}, register
        )
        sandboxed = all(submission.sandboxed for submission in graded.submissions)
        about_the_run = [*sentences([course.root, Path.cwd()]), *([] if sandboxed else [NOT_SANDBOXED])]
        remarks = (*about_the_run, *handed_in.remarks, *register.remarks, *about_answers)
        return GradedFolder(graded, modules_of(submissions), remarks)

    def _results(
        self, course: Course, submissions: Sequence[Submission], done: Callable[[SubmissionResult, bool], None]
    ) -> list[SubmissionResult]:
        options = self._options
        if self._pool is None and options.scheduler is None:
            prepare_processes()
        cache = Cache(self._out, course, options.sandbox == "require", self._keys)
        if self._regrade:
            cache.clear()
            self._regrade = False
        grading = GradingOptions(options.sandbox)
        if not options.replay:
            grading = dataclasses.replace(grading, replay=False)
        if self._pool is None:
            self._pool = graders(course.whole, options.jobs, grading, options.scheduler)
        return grade_the_rest(cache, self._pool, submissions, done, share=grading.replay)


def modules_of(submissions: Sequence[Submission]) -> dict[str, Mapping[str, bytes]]:
    """Return the modules of submissions, by submission and exercise id."""
    return {submission.id: submission.sources for submission in submissions}
