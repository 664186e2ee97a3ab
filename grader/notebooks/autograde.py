"""`grader nbgrader autograde`: grade a whole class, on all cores, and save the scores in nbgrader's gradebook.

The grader grades the submissions and saves each result at once. Then nbgrader's own converter takes every submission
through its steps; its grading step finds the saved result. Both are skipped if they are already done, so
that a run that was stopped goes on where it stopped.
"""

from __future__ import annotations

import functools
import os
import warnings
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path

import nbformat
import nbgrader.api
from nbgrader.apps import NbGraderAPI
from sqlalchemy.exc import SAWarning
from traitlets.config import Config
from traitlets.config.loader import ConfigFileNotFound, PyFileConfigLoader

from grader.course import load_course
from grader.errors import CourseError, NoSubmissions, UsageError
from grader.grading import Submission
from grader.grading.notices import Notice, in_order, nothing_lost
from grader.grading.process_start import process_context, started_deaf
from grader.grading.results import SubmissionResult
from grader.notebooks.arrivals import prepare
from grader.notebooks.refusals import fault_in_timestamp, reason_in
from grader.notebooks.service import SUBMITTED, Service
from grader.notebooks.settings import CONFIG
from grader.notebooks.withheld import release, withhold
from grader.wire.switches import is_off

FAULT = "a check could not be run, which is the grader's fault; the grade is withheld. Run the same command once more"


@dataclass(frozen=True)
class Progress:
    """News of the run: how many more submissions were graded or saved."""

    graded: int = 0
    saved: int = 0


@dataclass(frozen=True)
class AutogradeSummary:
    """The results of a run.

    Attributes:
        saved: the number of submissions that this run saved.
        before: the number saved by earlier runs.
        notices: what the instructor should look at, whether it was saved by this run or before.
    """

    saved: int
    before: int
    notices: tuple[Notice, ...]

    @property
    def is_complete(self) -> bool:
        """Whether everything that may be a student's work was graded; otherwise the command ends with status 1."""
        return nothing_lost(self.notices)


def autograde(
    root: Path,
    assignment: str,
    jobs: int | None = None,
    force: bool = False,
    tell: Callable[[Progress], None] = lambda progress: None,
    begin: Callable[[int], None] = lambda count: None,
) -> AutogradeSummary:
    """Grade and save all submissions of an assignment.

    Args:
        root: the folder of the nbgrader course.
        assignment: the assignment's id.
        jobs: the number of submissions at a time; one per core by default.
        force: save all submissions again.
        tell: called as the work goes on.
        begin: called with the number of submissions to grade.

    Raises:
        CourseError: the folder is not an nbgrader course, or the assignment has not been generated.
        UsageError: the assignment doesn't exist.
        NoSubmissions: nobody has handed it in.
    """
    config = load_config(root)
    service = Service(load_course(Path(config.CoursePreprocessor.course_file)), root, jobs)
    _require_assignment(config, assignment)
    exercises = next((each.exercises for each in service.course.assignments if each.id == assignment), [])
    students = sorted(path.parent.name for path in (root / SUBMITTED).glob(f"*/{assignment}") if path.is_dir())
    if not students:
        raise NoSubmissions(
            f"Nobody has handed in `{assignment}`; there is no folder {root / SUBMITTED}/<student>/{assignment}."
        )
    notices: list[Notice] = []
    problems: dict[str, str] = {}
    for student in students:
        folder = root / SUBMITTED / student / assignment
        notices += prepare(service.course, exercises, folder)
        if problem := fault_in_timestamp(folder):
            problems[student] = problem
    submissions = {student: service.submission(student, assignment) for student in students}
    unsaved = [
        name
        for name in students
        if name not in problems and (force or not _is_saved(service, root, submissions[name], assignment))
    ]
    begin(len(unsaved))
    waiting: dict[Future[str], str] = {}

    def collect(futures: set[Future[str]]) -> None:
        for future in futures:
            name = waiting.pop(future)
            problem = future.result()
            if problem:
                problems[name] = problem
            tell(Progress(saved=1))

    count = jobs or os.cpu_count() or 1
    with ProcessPoolExecutor(
        min(count, max(1, len(unsaved))), process_context(__name__), _start_saving, (root,)
    ) as pool:

        def hand_on(result: SubmissionResult) -> None:
            tell(Progress(graded=1))
            if result.fault:
                # It isn't kept, so who saves would grade it again, in vain, and nbgrader would know of no score: 0.
                problems[result.id] = FAULT
                tell(Progress(saved=1))
                return
            with started_deaf():
                waiting[pool.submit(_save, result.id, assignment)] = result.id
            collect(wait(waiting, timeout=0).done)

        try:
            _grade(service, [submissions[name] for name in unsaved], hand_on)
            while waiting:
                collect(wait(waiting, return_when=FIRST_COMPLETED).done)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
        finally:
            service.close()
    for name in [*unsaved, *problems]:
        (withhold if name in problems else release)(root, assignment, name)
    lost = [Notice(f"It has no grade yet: {text}", name, "not_graded") for name, text in problems.items()]
    notices += [notice for submission in submissions.values() for notice in submission.notices]
    saved = [name for name in unsaved if name not in problems]
    before = len(students) - len({*unsaved, *problems})
    return AutogradeSummary(len(saved), before, tuple(in_order([*lost, *notices])))


def load_config(root: Path) -> Config:
    """Read the configuration of an nbgrader course.

    Raises:
        CourseError: there is none, or `grader nbgrader init` didn't write it.
    """
    try:
        config = PyFileConfigLoader(CONFIG, path=str(root)).load_config()
    except ConfigFileNotFound:
        raise CourseError(f"There is no {CONFIG} in {root}. Make one: grader nbgrader init {root}") from None
    if not config.CoursePreprocessor.get("course_file"):
        raise CourseError(f"{root / CONFIG} doesn't call `configure`. To see what to add: grader nbgrader init {root}")
    return config


def _grade(service: Service, submissions: list[Submission], done: Callable[[SubmissionResult], None]) -> None:
    if submissions:
        service.grade(submissions, done)


def _require_assignment(config: Config, assignment: str) -> None:
    api = NbGraderAPI(config=config)
    known = api.get_released_assignments() | api.get_source_assignments()
    with api.gradebook as gradebook:
        generated = {known.name for known in gradebook.assignments if known.notebooks}
    if assignment not in known | generated:
        raise UsageError(f"There is no assignment `{assignment}`. There are: {', '.join(sorted(known)) or 'none'}.")
    if assignment not in generated:
        raise CourseError(f"`{assignment}` isn't in the gradebook yet. Run: nbgrader generate_assignment {assignment}")


def _is_saved(service: Service, root: Path, submission: Submission, assignment: str) -> bool:
    """Say whether nbgrader has processed all notebooks of a submission, with their current content and course."""
    folder = root / "autograded" / submission.id / assignment
    handed_in = [path for path in (root / SUBMITTED / submission.id / assignment).glob("*.ipynb")]
    names = [path.name for path in handed_in if path.stem in service.course.by_id]
    if not names or not all((folder / name).is_file() for name in names):
        return False
    stamp = service.stamp(submission)
    return all(_stamp_of(folder / name) == stamp for name in names)


def _stamp_of(path: Path) -> str:
    try:
        return str(nbformat.read(path, as_version=4).metadata.get("grader", {}).get("graded", ""))
    except (OSError, ValueError):
        return ""


_api: NbGraderAPI | None = None


def _start_saving(root: Path) -> None:
    """Set up a process that takes submissions through nbgrader's steps."""
    global _api
    # These warnings are about nbgrader's use of its database; an instructor can't do anything about them.
    warnings.simplefilter("ignore", SAWarning)
    if not is_off("nbgrader_patches"):
        _open_the_gradebook_faster()
    os.chdir(root)
    _api = NbGraderAPI(config=load_config(root))


def _open_the_gradebook_faster() -> None:
    """Work around `nbgrader.api.Gradebook.__init__`, which starts from scratch each time.

    It makes an engine, creates the tables and looks for the course, ten times per notebook. An engine can reuse the
    queries that it has compiled, and after the first time the tables and the course exist.
    """
    nbgrader.api.create_engine = functools.cache(nbgrader.api.create_engine)
    nbgrader.api.Base.metadata.create_all = functools.cache(nbgrader.api.Base.metadata.create_all)
    nbgrader.api.Gradebook.check_course = _once_for_a_course(nbgrader.api.Gradebook.check_course)


def _once_for_a_course(check: Callable[..., object]) -> Callable[..., None]:
    """Let a gradebook look for its course, or add it, only the first time; nobody uses the return value."""
    seen: set[tuple[object, str]] = set()

    def check_once(gradebook: nbgrader.api.Gradebook, course_id: str) -> None:
        if (gradebook.engine, course_id) not in seen:
            check(gradebook, course_id=course_id)
            seen.add((gradebook.engine, course_id))

    return check_once


def _save(student: str, assignment: str) -> str:
    """Take a graded submission through nbgrader; return what went wrong, or an empty text."""
    assert _api is not None
    result = _api.autograde(assignment, student, force=True, create=True)
    if result["success"]:
        return ""
    return reason_in(result.get("error", ""), result.get("log", ""))
