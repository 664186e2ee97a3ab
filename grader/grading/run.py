"""Grading submissions with grader processes on this machine, or on a cluster."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from grader.course import Course
from grader.grading.intake import Submission
from grader.grading.messages import GradingOptions, SandboxMode
from grader.grading.pool import GraderPool
from grader.grading.results import SubmissionResult

if TYPE_CHECKING:
    from grader.grading.cluster import Cluster


def grade(
    course: Course,
    submissions: Sequence[Submission],
    jobs: int | None = None,
    done: Callable[[SubmissionResult], None] = lambda result: None,
    sandbox: SandboxMode = "auto",
    trusted: bool = False,
    diagnosing: bool = True,
) -> list[SubmissionResult]:
    """Grade submissions.

    Args:
        course: the course.
        submissions: what to grade.
        jobs: how many submissions to grade at once; one per core by default.
        done: called with each result as it comes.
        sandbox: `auto` uses a sandbox if there is one, `require` refuses to grade without, `off` never uses one.
        trusted: the code is our own, and only whether a check passes matters. This is much faster, because the code
            runs in the grader process, and failing cases are not shrunk.
        diagnosing: whether to diagnose known mistakes.

    Returns:
        The results, in the order of the submissions.

    Raises:
        GraderFailed: the checks themselves cannot be run.
        NoSandbox: a sandbox is required, and there is none.
        SameName: two submissions have the same id.
    """
    with GraderPool(course, jobs, GradingOptions(sandbox, trusted, diagnosing)) as graders:
        return graders.grade(submissions, done)


def graders(
    course: Course, jobs: int | None, options: GradingOptions, scheduler: str | None = None
) -> GraderPool | Cluster:
    """Return grader processes on this machine, or on the cluster of a Dask scheduler.

    Raises:
        MissingPackage: the package that talks to the scheduler is not installed.
        NoCluster: nothing answers at the scheduler's address.
    """
    if scheduler is None:
        return GraderPool(course, jobs, options)
    from grader.grading.cluster import Cluster

    return Cluster(course, scheduler, options)
