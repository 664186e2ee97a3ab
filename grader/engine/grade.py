"""Grading: submissions are handed to judges, one process per core, as these become free."""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections import Counter
from collections.abc import Callable, Sequence
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from typing import TYPE_CHECKING, Self

from grader.course import COURSE_FILE, Course
from grader.engine.intake import Submission
from grader.engine.manner import Manner, News, Ready, Walls, begin_sandbox, serve, start_sandbox
from grader.errors import JudgeFailed, NoSandbox, SameName
from grader.processes import process_context, started_deaf
from grader.verdict import SubmissionResult, verdict

if TYPE_CHECKING:
    from grader.engine.cluster import Cluster
    from grader.learner.sandbox import Sandbox


def grade(
    course: Course,
    submissions: Sequence[Submission],
    jobs: int | None = None,
    done: Callable[[SubmissionResult], None] = lambda result: None,
    walls: Walls = "auto",
    trusted: bool = False,
    diagnosing: bool = True,
) -> list[SubmissionResult]:
    """Grade submissions.

    Args:
        course: the course.
        submissions: what to grade.
        jobs: how many judges work side by side; one per core by default.
        done: called with each result as it comes.
        walls: `auto` uses a sandbox where there is one, `require` refuses to grade without, `off` does without.
        trusted: the code is our own, and only whether a check passes counts: much faster, since it runs in the judge's
            process, and failing cases stay as they were found.
        diagnosing: whether mistakes are called by their names.

    Returns:
        The results, in the order of the submissions.

    Raises:
        JudgeFailed: the checks themselves cannot be run.
        NoSandbox: a sandbox is required, and there is none.
        SameName: two submissions have the same id.
    """
    with Judges(course, jobs, Manner(walls, trusted, diagnosing)) as judges:
        return judges.grade(submissions, done)


MANY = 8
"""Submissions from which on it pays to import beforehand what optimizers need: seconds, and larger cells for all."""
NEWS_BYTES = 256 * 2**20
"""Of what judges tell one another so much is kept for those that are started later; after that they tell no more."""
TRIES = 3
"""How many judges may end with a submission in hand before it counts as not gradable, or end as they start."""
DYING = 0.3
"""Seconds in which a process that was killed is gone."""
ENDED = "The processes that run the checks end at their start. Run: pytest tests/visible tests/hidden"
LOST = "The grader failed on this submission. That is not the learner's fault; grade it again."


def judges(course: Course, jobs: int | None, manner: Manner, scheduler: str | None = None) -> Judges | Cluster:
    """Return those who grade: judges on this machine, or on the cluster of a Dask scheduler.

    Raises:
        NoCluster: nothing answers at the scheduler's address, or what it takes to ask is not installed.
    """
    if scheduler is None:
        return Judges(course, jobs, manner)
    from grader.engine.cluster import Cluster

    return Cluster(course, scheduler, manner)


def refuse_same_names(submissions: Sequence[Submission]) -> None:
    """Look whether every submission has an id of its own.

    Raises:
        SameName: two have the same.
    """
    counts = Counter(submission.id for submission in submissions)
    twice = sorted(name for name, count in counts.items() if count > 1)
    if twice:
        raise SameName(f"There is more than one submission called {twice[0]}. Rename one.")


class Judges:
    """Judges that grade one lot of submissions after another; they are started as they are needed.

    Args:
        course: the course.
        jobs: how many work side by side at most; one per core by default.
        manner: how they work.
    """

    def __init__(self, course: Course, jobs: int | None = None, manner: Manner | None = None) -> None:
        self._course = course
        self._most = jobs or os.cpu_count() or 1
        self._manner = manner or Manner()
        self._judges: list[_Judge] = []
        self._sandbox: Sandbox | None = None
        self._stands = self._optimizers = False
        self._news: list[News] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def grade(
        self, submissions: Sequence[Submission], done: Callable[[SubmissionResult], None] = lambda result: None
    ) -> list[SubmissionResult]:
        """Grade submissions; see the function `grade`."""
        refuse_same_names(submissions)
        waiting = list(reversed(submissions))
        tries: Counter[str] = Counter()
        failed_starts = 0
        found: dict[str, SubmissionResult] = {}

        def take(result: SubmissionResult) -> None:
            found[result.id] = result
            done(result)

        self._optimizers = self._optimizers or (len(submissions) >= MANY and self._train(submissions))
        self._staff(min(self._most, len(submissions)))
        while len(found) < len(submissions):
            for judge in self._judges:
                if judge.idle and waiting:
                    judge.give(waiting.pop())
            ready = wait([judge.connection for judge in self._judges if not judge.idle])
            for judge in [judge for judge in self._judges if judge.connection in ready]:
                result = judge.receive()
                if result is not None:
                    take(result)
                failed_starts = failed_starts + 1 if judge.died_at_its_start else 0
                if failed_starts == TRIES:
                    raise JudgeFailed(ENDED)
                if not judge.died:
                    continue
                judge.stop()
                self._judges[self._judges.index(judge)] = self._another()
                lost = judge.submission
                if lost is not None:
                    tries[lost.id] += 1
                    if tries[lost.id] < TRIES:
                        waiting.append(lost)
                    else:
                        take(not_graded(self._course, lost, LOST))
        return [found[submission.id] for submission in submissions]

    def close(self) -> None:
        """End the judges."""
        for judge in self._judges:
            judge.stop()
        self._judges.clear()
        self._news.clear()
        if self._sandbox is not None:
            self._sandbox.close()
            self._sandbox, self._stands = None, False

    def _staff(self, count: int) -> None:
        """Have so many judges, with walls that stand where there can be any."""
        walled = self._manner.walls != "off" and not self._manner.trusted
        if walled and self._sandbox is None and len(self._judges) < count:
            # The walls go up while the judges collect the checks.
            self._sandbox = begin_sandbox(self._optimizers)
            self._employ(count)
            self._stands = self._sandbox is not None and self._sandbox.is_up()
            if not self._stands:
                self.close()
                self._put_up_walls(self._manner.walls == "require")
        self._employ(count)

    def _train(self, submissions: Sequence[Submission]) -> bool:
        """Say whether checks of what was handed in make steps with an optimizer: by their text, as a hint."""
        handed_in = {name for submission in submissions for name in submission.sources}
        files = [path for exercise, _, path in self._course.check_files() if exercise.id in handed_in]
        return any("optimizer" in path.read_text(encoding="utf-8") for path in files)

    def _employ(self, count: int) -> None:
        while len(self._judges) < count:
            self._judges.append(self._another())

    def _put_up_walls(self, needed: bool) -> None:
        self._sandbox, problem = start_sandbox(self._optimizers)
        self._stands = self._sandbox is not None
        if needed and self._sandbox is None:
            raise NoSandbox(f"There is no sandbox: {problem}. Mend that, or grade without --require-sandbox.")

    def _another(self) -> _Judge:
        """Start a judge, with a door of its own to the sandbox, which all share."""
        door = None
        if self._sandbox is not None:
            try:
                door = self._sandbox.another_door()
            except OSError:
                # Walls that never stood are `_staff`'s affair.
                if self._stands:
                    # They have come down: new ones. Whoever can bring walls down must not be graded without.
                    self._sandbox.close()
                    self._put_up_walls(needed=True)
                    door = self._sandbox.another_door()
        try:
            return _Judge(self._course, self._manner, door, self._news if self._most > 1 else None)
        finally:
            if door is not None:
                door.close()


class _Judge:
    """A judge process, and the submission that it has in hand, also after it died.

    Args:
        course: the course.
        manner: how it works.
        door: a way into the sandbox, if there is one.
        news: what all judges have told so far, to which this one adds; None where there are no others.
    """

    def __init__(self, course: Course, manner: Manner, door: socket.socket | None, news: list[News] | None) -> None:
        context = process_context()
        self.connection, theirs = context.Pipe()
        self.course = course
        self.died = False
        self.submission: Submission | None = None
        self._ready = False
        self._news = news
        self._heard = 0
        self._own: list[News] = []
        self._process = _start(theirs, course.root / COURSE_FILE, manner, door, news is not None)
        theirs.close()

    @property
    def idle(self) -> bool:
        """Say whether it waits for a submission."""
        return self._ready and self.submission is None

    @property
    def died_at_its_start(self) -> bool:
        """Say whether it ended before it could take a submission."""
        return self.died and not self._ready

    def give(self, submission: Submission) -> None:
        """Hand over a submission, after what the other judges have come to know since the last."""
        self.submission = submission
        news = self._news or []
        # Where it has just died, that is noticed when it is listened to.
        with contextlib.suppress(OSError):
            for one in news[self._heard :]:
                if not any(one is own for own in self._own):
                    self.connection.send(one)
            self.connection.send(submission)
        self._heard, self._own = len(news), []

    def receive(self) -> SubmissionResult | None:
        """Take what the judge sent: a result, or that it is ready.

        Raises:
            JudgeFailed: it could not start.
        """
        try:
            message = self.connection.recv()
        except (EOFError, ConnectionError):
            self.died = True
            return None
        if isinstance(message, Ready):
            self._ready = True
            return None
        if isinstance(message, News):
            self._own.append(message)
            if self._news is not None and sum(len(one.packed) for one in self._news) < NEWS_BYTES:
                self._news.append(message)
            return None
        if not isinstance(message, SubmissionResult):
            raise JudgeFailed(str(message))
        self.submission = None
        return message

    def stop(self) -> None:
        try:
            if not self.died:
                self.connection.send(None)
            self._process.join(5)
        except (OSError, ValueError):
            pass
        if self._process.is_alive():
            self._process.terminate()
            self._process.join()
        self.connection.close()


def _start(*arguments: object) -> BaseProcess:
    """Start a judge's process, again where the one that forks it has been killed: a later try starts another.

    Raises:
        JudgeFailed: it cannot be started.
    """
    for left in reversed(range(TRIES)):
        process = process_context().Process(target=serve, args=arguments)
        try:
            with started_deaf():
                process.start()
            break
        except (EOFError, OSError) as error:
            if not left:
                raise JudgeFailed(
                    f"The processes that run the checks cannot be started: {error}. Try again."
                ) from error
            # One that was killed stops to listen before it counts as ended, and until then no other is started.
            time.sleep(DYING)
    return process


def not_graded(course: Course, submission: Submission, note: str) -> SubmissionResult:
    """Return the result of a submission on which the grader failed."""
    return verdict(course, submission.id, {}, [*submission.notes, note], digest=submission.digest)
