"""A Dask cluster: the same results as here, whatever becomes of its workers."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grader.course import Course, load_course
from grader.errors import GraderFailed, NoCluster, SameName
from grader.grading import GradingOptions, Submission
from grader.grading.cluster import Cluster
from grader.grading.results import SubmissionResult
from grader.grading.run import grade

distributed = pytest.importorskip("distributed")
pytestmark = pytest.mark.filterwarnings("default")

RIGHT = "def double(x):\n    return 2 * x\n"
WRONG = "def double(x):\n    return x + {n}\n"
SLOW = "import time\ndef double(x):\n    time.sleep(0.02)\n    return 2 * x\n"


@pytest.fixture(scope="module")
def cluster() -> Iterator[distributed.LocalCluster]:
    """Return a cluster of a scheduler and two worker processes."""
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None
    ) as local_cluster:
        yield local_cluster


def a_class(count: int) -> list[Submission]:
    """Return submissions, right, wrong and slow ones."""
    texts = [RIGHT, WRONG, SLOW]
    return [
        Submission(f"s{n:02}", {"double": texts[n % 3].format(n=n).encode()}, (f"Note {n}.",)) for n in range(count)
    ]


def test_a_lost_worker_changes_nothing(tiny_course: Callable[..., Path], cluster: distributed.LocalCluster) -> None:
    """One of two workers is killed in mid-run: every submission is graded once, as it is graded here."""
    course = load_course(tiny_course())
    given = a_class(14)
    with distributed.Client(cluster.scheduler_address, set_as_default=False) as client:
        workers = list(client.run(os.getpid).values())
    assert len(workers) == 2
    graded_ids: list[str] = []

    def kill_one(result: SubmissionResult) -> None:
        graded_ids.append(result.id)
        if len(graded_ids) == 3:
            os.kill(workers[0], signal.SIGKILL)

    with Cluster(course, cluster.scheduler_address) as graders:
        graded = graders.grade(given, kill_one)
    assert sorted(graded_ids) == [submission.id for submission in given]
    assert graded == grade(course, given, 2)


def test_workers_grade_a_draft_that_the_course_was_loaded_with(
    tiny_course: Callable[..., Path], cluster: distributed.LocalCluster
) -> None:
    """Workers load the course with the same drafts as here, and without them if it was loaded so."""
    listed = tiny_course().read_text(encoding="utf-8").replace("title: Twice\n", "title: Twice\n    draft: true\n")
    path = tiny_course(course_dot_yaml=listed)
    given = [Submission("ann", {"double": RIGHT.encode(), "twice": b"def twice(x):\n    return 4 * x\n"}, ())]
    for drafts in (["twice"], []):
        course = load_course(path, drafts)
        with Cluster(course, cluster.scheduler_address) as graders:
            (graded,) = graders.grade(given)
        assert sorted(graded.exercises) == ["double", *drafts]
        assert [graded] == grade(course, given, 1)


def test_two_of_one_name_are_refused(tiny_course: Callable[..., Path], cluster: distributed.LocalCluster) -> None:
    """As without a cluster."""
    with Cluster(load_course(tiny_course()), cluster.scheduler_address) as graders, pytest.raises(SameName):
        graders.grade([*a_class(2), *a_class(1)])


def test_what_went_wrong_on_a_worker_is_told_here(
    tiny_course: Callable[..., Path], cluster: distributed.LocalCluster
) -> None:
    """Checks that cannot be collected end the run with the sentence that ends it without a cluster."""
    broken = 'import nothing_of_the_kind\n\n\ndef test_x(learner):\n    """T."""\n'
    course = load_course(tiny_course(tests__visible__test_double_dot_py=broken))
    with (
        Cluster(course, cluster.scheduler_address, GradingOptions("off")) as graders,
        pytest.raises(GraderFailed, match="can't collect the checks"),
    ):
        graders.grade(a_class(1))


def test_no_scheduler_is_said(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """An address at which nothing answers ends the command with a sentence."""
    monkeypatch.setattr("grader.grading.cluster.CONNECT_SECONDS", 1)
    with pytest.raises(NoCluster, match=r"No Dask scheduler answers at tcp://127\.0\.0\.1:9"):
        Cluster(course, "tcp://127.0.0.1:9")
