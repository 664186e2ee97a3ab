"""Grades what arrives in a folder as it arrives, the newest first, and keeps results and reports up to date."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from grader.api import GradedClass, report, without_names
from grader.course import Course
from grader.errors import GraderError, GraderFailed, NoSandbox, NoSubmissions, NotWritten
from grader.grading.cache import files_that_count
from grader.grading.folder import FolderGrader, FolderOptions, HandedInNow
from grader.grading.intake import Submission, take_in
from grader.grading.results import SubmissionResult
from grader.reports import ReportOptions

LOOK_SECONDS = 1.0
"""How often the folder is looked at. Looking works on network drives, too, which don't announce changes."""
LOOK_SHARE = 4.0
"""Looking at a large folder takes at most about one part in so many of the time."""
SETTLED_SECONDS = 2.0
"""How long a submission's files must have been the same: before that, somebody may still be writing them."""
AT_ONCE = 4
"""For each process, so many submissions are graded before the folder is looked at again."""
REPORT_SHARE = 4.0
"""Writing the reports takes at most about one part in so many of the time."""


class Listener(Protocol):
    """Is told what happens."""

    def graded(self, result: SubmissionResult, known: bool, waiting: int) -> None:
        """Hear that a submission was graded or its result is from an earlier run, and how many are waiting."""

    def reported(self, graded: GradedClass, waiting: int) -> None:
        """Hear that the results and all reports were written, and how many are waiting."""

    def problem(self, sentence: str) -> None:
        """Hear what has to be fixed, such as one of the instructor's files; then it goes on."""


@dataclass
class _Arrivals:
    """The submissions in the folder, read again only if one of their files has changed."""

    read: dict[str, tuple[_Files, Submission]] = field(default_factory=dict)
    arrived: dict[str, float] = field(default_factory=dict)

    def take(self, path: Path, course: Course, name: str) -> Submission:
        """Read a submission."""
        files = _files(path)
        self.arrived[name] = files.newest
        before = self.read.get(name)
        if before is None or before[0] != files:
            self.read[name] = before = (files, take_in(path, course, name))
        return before[1]

    def forget_all_but(self, names: Iterable[str]) -> None:
        """Forget submissions that are gone."""
        for gone in self.read.keys() - set(names):
            del self.read[gone], self.arrived[gone]

    def is_settled(self, name: str) -> bool:
        """Say whether nobody seems to be writing a submission's files now."""
        return not 0 <= time.time() - self.arrived[name] < SETTLED_SECONDS


@dataclass(frozen=True)
class _Files:
    """The files of a submission: by path, what changes if the file does."""

    files: Mapping[str, tuple[int, ...]]
    newest: float


def serve(
    submissions: Path,
    course: Course,
    out: Path,
    options: FolderOptions,
    reporting: ReportOptions,
    listener: Listener,
    stops: Callable[[], bool] = lambda: False,
) -> None:
    """Grade what is in a folder and what arrives there, until it is stopped.

    Each result is kept as it comes, and files are replaced as a whole, so it can be stopped at any time.

    Args:
        submissions: a folder of submissions, which may still be empty.
        course: the course.
        out: the folder in which results are kept and reports are written.
        options: how the submissions are graded.
        reporting: what is written.
        listener: is told what happens.
        stops: asked again and again whether to stop.

    Raises:
        GraderFailed: the checks cannot be run.
        NoSandbox: a sandbox is required, and there is none.
        NoSubmissions: there is no such folder.
        NotWritten: the disk is full, for example.
    """
    if not submissions.is_dir():
        raise NoSubmissions(f"{submissions} is no folder. Make the folder in which submissions will arrive.")
    with FolderGrader(submissions, course, out, options) as grader:
        server = _Server(grader, submissions, course, out, options, reporting, listener)
        while not stops():
            start = time.monotonic()
            if not server.step():
                time.sleep(max(LOOK_SECONDS, LOOK_SHARE * (time.monotonic() - start)))


@dataclass
class _Server:
    """What was graded so far, and what is done next; the first seven are as for `serve`."""

    grader: FolderGrader
    submissions: Path
    course: Course
    out: Path
    options: FolderOptions
    reporting: ReportOptions
    listener: Listener
    _course_files: dict[Path, tuple[int, int]] = field(init=False)
    _arrivals: _Arrivals = field(default_factory=_Arrivals)
    _graded: dict[str, tuple[Submission, SubmissionResult]] = field(default_factory=dict)
    _part: list[str] = field(default_factory=list)
    _reported: tuple[object, ...] | None = None
    _report_after: float = 0.0
    _problem: str = ""

    def __post_init__(self) -> None:
        self._course_files = _course_files(self.course)

    def step(self) -> bool:
        """Look at the folder, and do what is most urgent; return False if there was nothing to do."""
        try:
            handed_in = self.grader.read(self._arrivals.take)
            waiting = self._waiting(handed_in)
            batch = [submission for submission in waiting if self._arrivals.is_settled(submission.id)]
            del batch[AT_ONCE * (self.options.jobs or os.cpu_count() or 1) :]
            if batch:
                self._require_same_course()
                self._grade(handed_in, batch, len(waiting))
            reported = self._report(handed_in, len(waiting) - len(batch))
        except (GraderFailed, NoSandbox, NotWritten):
            raise
        except (GraderError, OSError) as error:
            self._tell_once(error)
            return False
        self._problem = ""
        return bool(batch) or reported

    def _require_same_course(self) -> None:
        """Make sure that results are about the course as its files are now.

        Raises:
            GraderFailed: a file of the course or of the grader has changed since this began.
        """
        if _course_files(self.course) != self._course_files:
            raise GraderFailed(
                "The course's files or the grader have changed while this was running, so it stopped. "
                "The results so far are kept; run the same command again."
            )

    def _tell_once(self, error: GraderError | OSError) -> None:
        """Report a problem, such as a mistake in a file of the instructor's; that nothing has arrived yet is none."""
        if isinstance(error, NoSubmissions) and _is_empty(self.submissions):
            return
        if str(error) != self._problem:
            self.listener.problem(str(error))
        self._problem = str(error)

    def _waiting(self, handed_in: HandedInNow) -> list[Submission]:
        """List the submissions that were not graded as they are now, the newest first."""
        part = [exercise.id for exercise in handed_in.course.exercises]
        if part != self._part:
            # Somebody has handed in another exercise, and it counts for everybody. What is known isn't graded again.
            self._part = part
            self._graded.clear()
        self._arrivals.forget_all_but(submission.id for submission in handed_in.submissions)
        waiting = [each for each in handed_in.submissions if not self._is_graded(each)]
        return sorted(waiting, key=lambda each: self._arrivals.arrived[each.id], reverse=True)

    def _is_graded(self, submission: Submission) -> bool:
        return submission.id in self._graded and self._graded[submission.id][0] is submission

    def _grade(self, handed_in: HandedInNow, batch: list[Submission], waiting: int) -> None:
        by_id = {submission.id: submission for submission in batch}

        def tell(result: SubmissionResult, known: bool) -> None:
            self.listener.graded(result, known, waiting)

        told = without_names(self.course, tell) if self.reporting.anonymous else tell

        def done(result: SubmissionResult, known: bool) -> None:
            nonlocal waiting
            waiting -= 1
            self._graded[result.id] = (by_id[result.id], result)
            told(result, known)

        self.grader.grade(handed_in.only(batch), done)

    def _report(self, handed_in: HandedInNow, waiting: int) -> bool:
        """Write the results and reports, unless nothing is new, or others wait and they were written just before.

        Whoever handed in again keeps the earlier result until the new one is there.
        """
        for gone in self._graded.keys() - {submission.id for submission in handed_in.submissions}:
            del self._graded[gone]
        graded = dict(sorted(self._graded.items()))
        register = handed_in.register
        alike = {name: marks.by_hand for name, marks in register.alike.items()}
        now = (graded, dataclasses.replace(register, alike={}), alike, handed_in.survey.notices, handed_in.remarks)
        start = time.monotonic()
        if now == self._reported or not graded or (waiting and start < self._report_after):
            return False
        only = handed_in.only([submission for submission, _ in graded.values()])
        folder = self.grader.finish(only, [result for _, result in graded.values()])
        written = report(self.submissions, self.course, self.out, folder, self.reporting, self.options.single)
        self._reported, self._report_after = now, time.monotonic() + REPORT_SHARE * (time.monotonic() - start)
        self.listener.reported(written, waiting)
        return True


def _course_files(course: Course) -> dict[Path, tuple[int, int]]:
    """Return what changes when somebody writes a file that results depend on."""
    found = {}
    for path in files_that_count(course):
        with contextlib.suppress(OSError):
            status = path.stat()
            found[path] = (status.st_mtime_ns, status.st_size)
    return found


def _is_empty(folder: Path) -> bool:
    return folder.is_dir() and all(entry.name.startswith(".") for entry in folder.iterdir())


def _files(path: Path) -> _Files:
    """Look at the files of a submission without reading them."""
    found: dict[str, tuple[int, ...]] = {}
    newest = 0.0
    paths = (
        [path] if not path.is_dir() else [Path(folder, name) for folder, _, names in os.walk(path) for name in names]
    )
    for file in [path, *paths]:
        try:
            status = file.lstat()
        except OSError:
            continue
        found[str(file)] = (status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_mode)
        newest = max(newest, status.st_ctime)
    return _Files(found, newest)
