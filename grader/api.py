"""The grader as a library: what `import grader` offers, and what the command `grader grade` calls."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader import course as courses
from grader.course import Course
from grader.errors import GraderError
from grader.grading.folder import FolderOptions, grade_folder, modules_of
from grader.grading.intake import find_submissions, take_in
from grader.grading.messages import SandboxMode
from grader.grading.results import (
    Adjustment,
    CheckResult,
    CourseInfo,
    ExerciseResult,
    Lateness,
    Results,
    SubmissionResult,
)
from grader.reports import ReportOptions, Written, write_all

__all__ = [
    "Adjustment",
    "CheckResult",
    "Course",
    "CourseInfo",
    "ExerciseResult",
    "GradedClass",
    "GraderError",
    "Lateness",
    "Results",
    "SubmissionResult",
    "Written",
    "grade",
    "grade_and_report",
    "load_course",
    "write_reports",
]

AnyPath = str | os.PathLike[str]


def load_course(path: AnyPath | None = None) -> Course:
    """Read and check a course.

    Args:
        path: its `course.yaml`; None looks for one in the working folder and in those above it.

    Raises:
        GraderError: there is no such file, or something in it is wrong; the message names the line.
    """
    return courses.load_course(courses.find_course(Path.cwd()) if path is None else Path(path))


def grade(
    submissions: AnyPath,
    course: Course,
    out: AnyPath | None = None,
    *,
    sandbox: SandboxMode = "auto",
    jobs: int | None = None,
    scheduler: str | None = None,
    times: AnyPath | None = None,
    marks: AnyPath | None = None,
    regrade: bool = False,
    replay: bool = True,
    on_result: Callable[[SubmissionResult], object] = lambda result: None,
    on_remark: Callable[[str], object] = lambda remark: None,
) -> Results:
    """Grade submissions with visible and hidden checks.

    Args:
        submissions: a submission's folder, or a folder of such folders. Each folder's name is a submission's id.
        course: the course.
        out: the folder in which results are kept as they come. A run that was stopped goes on from there, and what has
            not changed since is not graded again. None keeps nothing.
        sandbox: `"auto"` uses a sandbox if there is one, `"require"` refuses to grade without, `"off"` never uses one.
        jobs: how many submissions are graded at a time; one per core by default.
        scheduler: the address of a Dask scheduler, such as `"tcp://10.0.0.1:8786"`, to grade on its cluster.
        times: your file of hand-in times and extensions (docs/class.md).
        marks: your file of comments and scores by hand (docs/class.md).
        regrade: ignore what an earlier run kept in `out`, and grade everything again.
        replay: reuse what other submissions with the same replies got (docs/internals.md); results are the same
            without, and grading takes longer.
        on_result: called with each submission's result as it comes, in any order, before scores by hand and lateness
            are taken into account.
        on_remark: called with each sentence that the person who grades should read, after the last result.

    Returns:
        The results, in the order of the submissions' ids. Nothing is written but what `out` keeps.

    Raises:
        GraderError: there is nothing to grade, one of your files is wrong, a sandbox is required and missing, or the
            checks cannot be run. Mistakes in files are reported before the first submission is graded. A learner's
            code never raises anything here: whatever it does is a result.
    """

    def done(result: SubmissionResult, known: bool) -> None:
        on_result(result)

    options = FolderOptions(sandbox, jobs, scheduler, _path(times), _path(marks), regrade, replay)
    graded = grade_folder(Path(submissions), course, _path(out), options, done=done)
    for remark in graded.remarks:
        on_remark(remark)
    return graded.results


def write_reports(
    results: Results,
    course: Course,
    out: AnyPath,
    *,
    formats: Sequence[str] = (),
    roster: AnyPath | None = None,
    submissions: AnyPath | None = None,
) -> Written:
    """Write `results.json`, `grades.csv`, a report for each student, and a page about the class (docs/reports.md).

    Args:
        results: what `grade` returned.
        course: the course.
        out: the folder for the files; it is made if need be.
        formats: more files to write: `"canvas"`, `"gradescope"`, `"junit"`, `"moodle"`.
        roster: a CSV file that says who the submissions' ids are.
        submissions: the folder that was graded, to point out on the page about the class which submissions are nearly
            the same; None compares none.

    Returns:
        The files, whose score changed since the `results.json` that was in the folder, and remarks.

    Raises:
        GraderError: there is no such format, or the roster cannot be used. Then nothing is written.
    """
    options = ReportOptions.of(formats, _path(roster))
    modules = None
    if submissions is not None:
        folders = find_submissions(Path(submissions), course)
        modules = modules_of([take_in(folder, course) for folder in folders])
    return write_all(course, results, Path(out), modules, options)


@dataclass(frozen=True)
class GradedClass:
    """What came of grading a class and writing its reports; `remarks` are sentences for the person who grades."""

    results: Results
    written: Written
    remarks: tuple[str, ...]


def grade_and_report(
    submissions: Path,
    course: Course,
    out: Path,
    options: FolderOptions,
    formats: Sequence[str],
    roster: Path | None,
    begin: Callable[[int], None],
    done: Callable[[SubmissionResult, bool], None],
) -> GradedClass:
    """Grade submissions and write all reports; formats and roster are looked at before the first is graded.

    Args:
        submissions: a submission's folder, or a folder of such folders.
        course: the course.
        out: the folder in which results are kept and reports written.
        options: how the submissions are graded.
        formats: more files to write.
        roster: a CSV file that says who the submissions' ids are.
        begin: called with the number of submissions.
        done: called with each result as it comes, and with whether an earlier run had graded it.

    Raises:
        GraderError: see `grade` and `write_reports`.
    """
    report_options = ReportOptions.of(formats, roster)
    graded = grade_folder(submissions, course, out, options, begin, done)
    written = write_all(course, graded.results, out, graded.modules, report_options)
    return GradedClass(graded.results, written, (*graded.remarks, *written.changes, *written.remarks))


def _path(path: AnyPath | None) -> Path | None:
    return None if path is None else Path(path)
