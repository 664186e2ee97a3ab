"""Grading a folder of submissions: all steps from its files to final scores, in order."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.course import Course
from grader.errors import CourseError, GraderError, NotWritten
from grader.grading.alike_marks import with_alike_marks
from grader.grading.cache import Cache, grade_the_rest
from grader.grading.class_files import read_register
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
    options = options or FolderOptions()
    whole = course.whole
    if not any(exercise.checks for exercise in course.exercises):
        raise CourseError(
            f"{course.file} has no checks in {course.root / 'tests'}. Keep it in the course's folder, next to `tests`."
        )
    survey = Survey({}, is_single=True) if options.single else survey_of(path, whole, out)
    if out is not None:
        make_folder(out)
    if options.single:
        submissions = [take_in_single(path, whole)]
    else:
        submissions = [take_in(folder, whole, name) for name, folder in survey.submissions.items()]
    ids = [submission.id for submission in submissions]
    neighbors = siblings(path) if survey.is_single else []
    # The instructor's files are about the whole course, whatever part of it is graded now.
    register = read_register(whole, ids, neighbors, options.times, options.marks)
    register = register_of_part(register, course)
    course, outside = part_to_grade(course, submissions, register)
    begin(len(submissions))
    notices = [*survey.notices, *(notice for submission in submissions for notice in submission.notices)]
    try:
        require_packages(course, course.by_id)
        outcomes = _grade(course, submissions, out, options, done)
    except NotWritten:
        raise
    except GraderError as error:
        if not options.single:
            raise
        return GradedFolder(result_without_grade(submissions[0], course, error), modules_of(submissions), ())
    by_checks = results(course, outcomes, notices)
    register = with_alike_marks(register, course, by_checks, some_are_missing=survey.is_single)
    graded = adjusted(course, by_checks, register)
    graded, about_answers = with_questions(
        course, graded, {submission.id: submission.questions for submission in submissions}, register
    )
    sandboxed = all(submission.sandboxed for submission in graded.submissions)
    about_the_run = [*sentences([course.root, Path.cwd()]), *([] if sandboxed else [NOT_SANDBOXED])]
    return GradedFolder(graded, modules_of(submissions), (*about_the_run, *outside, *register.remarks, *about_answers))


def modules_of(submissions: Sequence[Submission]) -> dict[str, Mapping[str, bytes]]:
    """Return the modules of submissions, by submission and exercise id."""
    return {submission.id: submission.sources for submission in submissions}


def _grade(
    course: Course,
    submissions: Sequence[Submission],
    out: Path | None,
    options: FolderOptions,
    done: Callable[[SubmissionResult, bool], None],
) -> list[SubmissionResult]:
    if options.scheduler is None:
        prepare_processes()
    cache = Cache(out, course, sandboxed=options.sandbox == "require")
    if options.regrade:
        cache.clear()
    grading = GradingOptions(options.sandbox)
    if not options.replay:
        grading = dataclasses.replace(grading, replay=False)
    with graders(course.whole, options.jobs, grading, options.scheduler) as pool:
        return grade_the_rest(cache, pool, submissions, done)
