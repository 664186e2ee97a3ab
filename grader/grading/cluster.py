"""Grading on several machines: the same grader processes, started by the workers of a Dask cluster.

Here a worker is always one of Dask's. Each worker unpacks the course once, keeps a grader process, and grades one
submission after another with it. If a worker is lost, another one grades its submission; a result depends only on
submission and course, so it doesn't matter which worker that is.
"""

from __future__ import annotations

import atexit
import contextlib
import dataclasses
import io
import multiprocessing
import queue
import shutil
import tempfile
import threading
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Self

from grader.course import COURSE_FILE, Course, load_course
from grader.errors import GraderFailed, NoCluster
from grader.extras import require
from grader.files import digest
from grader.grading.cache import course_files, grader_key
from grader.grading.intake import Submission
from grader.grading.messages import GradingOptions
from grader.grading.pool import GraderPool
from grader.grading.results import SubmissionResult
from grader.grading.submissions import not_graded, refuse_same_names

if TYPE_CHECKING:
    from distributed import Client

CONNECT_SECONDS = 20
LOST = "Every Dask worker that graded this submission was lost. That may not be the student's fault; grade it again."


class Cluster:
    """Grader processes in the workers of a Dask cluster, used like a `GraderPool`.

    Args:
        course: the course; its files are sent to the workers.
        address: the scheduler's address, such as `tcp://10.0.0.1:8786`.
        options: how the grader processes work.

    Raises:
        MissingPackage: dask.distributed is not installed.
        NoCluster: nothing answers at the address.
    """

    def __init__(self, course: Course, address: str, options: GradingOptions | None = None) -> None:
        require("Grading on a cluster needs", "cluster", "distributed")
        from distributed import Client

        try:
            self._client: Client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
        except (OSError, TimeoutError, ValueError) as error:
            raise NoCluster(f"No Dask scheduler answers at {address}: {error}. Check the address.") from None
        self._course, self._packed = course, _pack(course)
        drafts = tuple(exercise.id for exercise in course.exercises if exercise.draft)
        self._options = dataclasses.replace(options or GradingOptions(), drafts=drafts)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def grade(
        self, submissions: Sequence[Submission], done: Callable[[SubmissionResult], None] = lambda result: None
    ) -> list[SubmissionResult]:
        """Grade submissions; see `grader.grading.run.grade`.

        Raises:
            GraderFailed: the checks cannot be run on a worker, or it has another version of the grader.
        """
        from distributed import KilledWorker, as_completed

        refuse_same_names(submissions)
        if not submissions:
            return []
        (course,) = self._client.scatter([self._packed], broadcast=True)
        grader = grader_key()
        futures = {
            self._client.submit(_grade_there, course, grader, submission, self._options, pure=False): submission
            for submission in submissions
        }
        results: dict[str, SubmissionResult] = {}
        try:
            for future in as_completed(futures, loop=self._client.loop):
                try:
                    result = future.result()
                except KilledWorker:
                    result = not_graded(self._course, futures[future], LOST)
                results[result.id] = result
                done(result)
                future.release()
        except BaseException:
            self._client.cancel(list(futures))
            raise
        return [results[submission.id] for submission in submissions]

    def close(self) -> None:
        """Disconnect from the cluster, which keeps running."""
        self._client.close()


def _pack(course: Course) -> bytes:
    """Put the files that grading needs into an archive."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for path in course_files(course):
            file.write(path, COURSE_FILE if path == course.file else path.relative_to(course.root))
    return archive.getvalue()


def _grade_there(course: bytes, grader: str, submission: Submission, options: GradingOptions) -> SubmissionResult:
    """Grade one submission, in a worker."""
    if grader_key() != grader:
        raise GraderFailed(
            "A Dask worker has another version of the grader, of Python or of torch. Install the same versions on all "
            "machines."
        )
    with _graders(course, options) as graders:
        (result,) = graders.grade([submission])
    return result


_idle: dict[tuple[str, GradingOptions], queue.SimpleQueue[GraderPool]] = {}


@contextlib.contextmanager
def _graders(course: bytes, options: GradingOptions) -> Iterator[GraderPool]:
    """Lend a grader process of this worker: one for each submission that it grades at a time, kept for the next."""
    key = digest(course, *options.drafts)
    idle = _idle.setdefault((key, options), queue.SimpleQueue())
    try:
        graders = idle.get_nowait()
    except queue.Empty:
        # Dask's workers are usually daemons, which may not have children; ours end when the worker does.
        multiprocessing.current_process()._config["daemon"] = False  # type: ignore[attr-defined]
        graders = GraderPool(_unpacked(key, course, options.drafts), 1, options)
        atexit.register(graders.close)
    try:
        yield graders
    except BaseException:
        graders.close()
        raise
    idle.put(graders)


_courses: dict[str, Course] = {}
_unpacking = threading.Lock()


def _unpacked(key: str, course: bytes, drafts: Sequence[str]) -> Course:
    """Return the course in an archive, including the given drafts, unpacked once for this worker."""
    with _unpacking:
        if key not in _courses:
            folder = tempfile.mkdtemp(prefix="course-")
            atexit.register(shutil.rmtree, folder, ignore_errors=True)
            with zipfile.ZipFile(io.BytesIO(course)) as archive:
                archive.extractall(folder)
            _courses[key] = load_course(Path(folder) / COURSE_FILE, drafts)
        return _courses[key]
