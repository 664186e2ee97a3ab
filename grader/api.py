"""The grader as a library: the functions behind `import grader` and the command `grader grade`."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader import course as courses
from grader.course import Course
from grader.errors import GraderError
from grader.grading.folder import FolderOptions, GradedFolder, grade_folder, modules_of
from grader.grading.intake import take_in
from grader.grading.messages import SandboxMode
from grader.grading.notices import Notice, nothing_lost
from grader.grading.results import (
    Adjustment,
    BuiltinsUsed,
    CheckResult,
    CourseInfo,
    ExerciseResult,
    FailsTogether,
    GradedVersion,
    Lateness,
    MemberResult,
    Question,
    Results,
    RubricItem,
    SubmissionResult,
)
from grader.grading.survey import survey_of
from grader.handin.class_receipts import receipts_of_class
from grader.reports import ReportOptions, Roster, Written, course_of, write_all
from grader.reports.anonymous import Mask
from grader.reports.changes import NOTHING_CHANGED

__all__ = [
    "Adjustment",
    "BuiltinsUsed",
    "CheckResult",
    "Course",
    "CourseInfo",
    "ExerciseResult",
    "FailsTogether",
    "GradedClass",
    "GradedVersion",
    "GraderError",
    "Lateness",
    "MemberResult",
    "Notice",
    "Question",
    "Results",
    "RubricItem",
    "SubmissionResult",
    "Written",
    "grade",
    "grade_and_report",
    "load_course",
    "write_reports",
]

AnyPath = str | os.PathLike[str]


def load_course(
    path: AnyPath | None = None,
    *,
    only: Sequence[str] = (),
    assignments: Sequence[str] = (),
    tracks: Sequence[str] = (),
) -> Course:
    """Read and check a course.

    Args:
        path: its `course.yaml`; None looks for one in the working folder and the folders above it.
        only: the ids of exercises. `grade` and `write_reports` then deal only with these, and scores are out of their
            points. By default, the exercises of the course's default tracks and all that somebody handed in.
        assignments: the ids of assignments, in place of `only`: their exercises.
        tracks: the ids of tracks, in place of `only`: their exercises.

    Raises:
        GraderError: there is no such file, exercise or assignment, or something in the file is wrong; the message names
            the line.
    """
    course = courses.load_course(courses.find_course(Path.cwd()) if path is None else Path(path))
    return courses.part_of(course, only, assignments, tracks)


def grade(
    submissions: AnyPath,
    course: Course,
    out: AnyPath | None = None,
    *,
    sandbox: SandboxMode = "auto",
    jobs: int | None = None,
    scheduler: str | None = None,
    times: AnyPath | None = None,
    marks: AnyPath | Sequence[AnyPath] = (),
    regrade: bool = False,
    single: bool = False,
    replay: bool = True,
    on_result: Callable[[SubmissionResult], object] = lambda result: None,
    on_remark: Callable[[str], object] = lambda remark: None,
) -> Results:
    """Grade submissions with the visible and hidden checks.

    Args:
        submissions: one submission's folder, or a folder of such folders. A folder's name is the submission's id.
        course: the course.
        out: the folder in which results are kept as they come. A run that was stopped continues from there, and
            submissions that haven't changed since are not graded again. None keeps nothing.
        sandbox: `"auto"` uses a sandbox if there is one, `"require"` refuses to grade without, `"off"` never uses one.
        jobs: how many submissions to grade at once; one per core by default.
        scheduler: the address of a Dask scheduler, such as `"tcp://10.0.0.1:8786"`, to grade on its cluster.
        times: your file of submission times and extensions (docs/class.md).
        marks: your file of comments, manual scores and rubric items, or several such files (docs/class.md).
        regrade: ignore the results that an earlier run kept in `out`, and grade everything again.
        single: `submissions` is one submission: a folder or a file, whatever its name. It always gets a result, even if
            nothing in it can be graded.
        replay: reuse the outcomes of submissions that gave the same replies (docs/internals.md). Without it the results
            are the same, and grading takes longer.
        on_result: called with each submission's result as it comes, in any order, before manual scores and lateness are
            taken into account.
        on_remark: called with each sentence that the instructor should read, after the last result.

    Returns:
        The results, in the order of the submissions' ids. Nothing is written except to `out`.

    Raises:
        GraderError: there is nothing to grade, one of your files is wrong, a sandbox is required but missing, or the
            checks cannot be run. Errors in your files are reported before the first submission is graded. A learner's
            code never raises anything here: whatever it does becomes part of its result.
    """

    def done(result: SubmissionResult, known: bool) -> None:
        on_result(result)

    options = FolderOptions(sandbox, jobs, scheduler, _path(times), _paths(marks), regrade, single, replay)
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
    marking: bool = False,
    anonymous: bool = False,
) -> Written:
    """Write `results.json`, `grades.csv`, a report for each student, and a page about the class (docs/reports.md).

    Args:
        results: the results that `grade` returned.
        course: the course.
        out: the folder for the files; created if it doesn't exist.
        formats: more files to write: `"canvas"`, `"gradescope"`, `"junit"`, `"moodle"`.
        roster: a CSV file with the names and logins behind the submissions' ids.
        submissions: the folder that was graded, so that the page about the class can list submissions that are nearly
            the same, and pages for marking have the code; None compares none.
        marking: also write a page for each submission for whoever marks it (docs/class.md).
        anonymous: the same, and the instructor's pages have pseudonyms in place of names.

    Returns:
        The files that were written, the scores that changed since the `results.json` that was in the folder, and
        remarks.

    Raises:
        GraderError: there is no such format, the roster cannot be used, or the results are of another course; then
            nothing is written. Or a file cannot be written.
    """
    options = ReportOptions.of(formats, _path(roster), marking, anonymous)
    modules = None
    if submissions is not None:
        survey = survey_of(Path(submissions), course.whole, Path(out))
        modules = modules_of([take_in(folder, course.whole, name) for name, folder in survey.submissions.items()])
    return write_all(course, results, Path(out), modules, options)


@dataclass(frozen=True)
class GradedClass:
    """A class that was graded, its roster, and the reports that were written; `remarks` are for the instructor.

    `course` is the part of the course that was graded. `changes` are those of the remarks that are about scores.
    """

    course: Course
    results: Results
    written: Written
    remarks: tuple[str, ...]
    changes: tuple[str, ...]
    roster: Roster

    @property
    def is_complete(self) -> bool:
        """Whether everything that may be a student's work was graded; otherwise a command ends with status 1."""
        return nothing_lost(self.results.notices)

    @property
    def news(self) -> tuple[str, ...]:
        """The remarks without the one that no score changed."""
        return tuple(remark for remark in self.remarks if not remark.startswith(NOTHING_CHANGED))


def grade_and_report(
    submissions: Path,
    course: Course,
    out: Path,
    options: FolderOptions,
    formats: Sequence[str],
    roster: Path | None,
    begin: Callable[[int], None],
    done: Callable[[SubmissionResult, bool], None],
    marking: bool = False,
    anonymous: bool = False,
) -> GradedClass:
    """Grade submissions and write all reports; formats and roster are checked before the first one is graded.

    Args:
        submissions: one submission's folder, or a folder of such folders.
        course: the course.
        out: the folder in which results are kept and reports are written.
        options: how the submissions are graded.
        formats: more files to write.
        roster: a CSV file with the names and logins behind the submissions' ids.
        begin: called with the number of submissions.
        done: called with each result as it comes, and with whether it is from an earlier run.
        marking: also write a page for each submission for whoever marks it.
        anonymous: the same, and what is returned and the instructor's pages have pseudonyms in place of names.

    Raises:
        GraderError: see `grade` and `write_reports`.
    """
    report_options = ReportOptions.of(formats, roster, marking, anonymous)
    counted = without_names(course, done) if anonymous else done
    graded = grade_folder(submissions, course, out, options, begin, counted)
    return report(submissions, course, out, graded, report_options, options.single)


def report(
    submissions: Path, course: Course, out: Path, graded: GradedFolder, options: ReportOptions, single: bool = False
) -> GradedClass:
    """Write all reports about a folder that was graded.

    Args:
        submissions: the folder, or one submission.
        course: the course.
        out: the folder for the reports.
        graded: what `grade_folder` returned.
        options: what is written.
        single: whether `submissions` is one submission, whatever is in it.

    Raises:
        GraderError: see `write_reports`.
    """
    written = write_all(course, graded.results, out, graded.modules, options)
    receipts = _receipts(submissions, course, out, single)
    remarks = (*graded.remarks, *written.changes, *written.remarks, *receipts)
    part, results = course_of(course, graded.results), graded.results
    ids = [submission.id for submission in results.submissions]
    settled, _ = options.roster.settled(ids)
    if not options.anonymous:
        return GradedClass(part, results, written, remarks, written.changes, settled)
    mask = Mask.of(course, ids, settled)
    masked, changes = tuple(map(mask.text, remarks)), tuple(map(mask.text, written.changes))
    return GradedClass(part, mask.results(results), written, masked, changes, Roster())


def without_names(
    course: Course, done: Callable[[SubmissionResult, bool], None]
) -> Callable[[SubmissionResult, bool], None]:
    """Have a function called with pseudonyms in place of submissions' ids."""
    return lambda result, known: done(Mask.of(course, [result.id], Roster()).submission(result), known)


def _receipts(submissions: Path, course: Course, out: Path, single: bool) -> list[str]:
    """Confirm the receipts of what was graded; whatever is wrong with one is a sentence, and no score changes."""
    try:
        paths = {submissions.stem: submissions} if single else survey_of(submissions, course.whole, out).submissions
        return receipts_of_class(course, paths, out)
    except GraderError as error:
        return [f"Receipts could not be confirmed: {error}"]


def _path(path: AnyPath | None) -> Path | None:
    return None if path is None else Path(path)


def _paths(paths: AnyPath | Sequence[AnyPath]) -> tuple[Path, ...]:
    return (Path(paths),) if isinstance(paths, str | os.PathLike) else tuple(Path(path) for path in paths)
