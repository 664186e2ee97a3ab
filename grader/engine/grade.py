"""Grading: submissions are handed to judges, one process per core, as these become free."""

from __future__ import annotations

import multiprocessing
import os
import socket
import sys
from collections.abc import Callable, Sequence
from multiprocessing.connection import wait
from multiprocessing.context import ForkServerContext, SpawnContext
from multiprocessing.process import BaseProcess
from typing import TYPE_CHECKING, Self

from grader.course import COURSE_FILE, Course
from grader.engine.intake import Submission
from grader.engine.judge import Manner, Ready, Walls, serve, start_sandbox
from grader.errors import JudgeFailed, NoSandbox, SameName
from grader.learner.limits import started_deaf
from grader.verdict import SubmissionResult, verdict

if TYPE_CHECKING:
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

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def grade(
        self, submissions: Sequence[Submission], done: Callable[[SubmissionResult], None] = lambda result: None
    ) -> list[SubmissionResult]:
        """Grade submissions; see the function `grade`."""
        names = [submission.id for submission in submissions]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise SameName(f"There is more than one submission called {twice[0]}. Rename one.")
        waiting = list(reversed(submissions))
        found: dict[str, SubmissionResult] = {}
        while len(self._judges) < min(self._most, len(submissions)):
            self._judges.append(self._another())
        while len(found) < len(submissions):
            for judge in self._judges:
                if judge.idle and waiting:
                    judge.give(waiting.pop())
            ready = wait([judge.connection for judge in self._judges if not judge.idle])
            for judge in [judge for judge in self._judges if judge.connection in ready]:
                result = judge.receive()
                if result is not None:
                    found[result.id] = result
                    done(result)
                if judge.died:
                    self._judges[self._judges.index(judge)] = self._another()
        return [found[name] for name in names]

    def close(self) -> None:
        """End the judges."""
        for judge in self._judges:
            judge.stop()
        self._judges.clear()
        if self._sandbox is not None:
            self._sandbox.close()
            self._sandbox = None

    def _another(self) -> _Judge:
        """Start a judge, with a door of its own to the sandbox, which all share."""
        door = self._door()
        try:
            return _Judge(self._course, self._manner, door)
        finally:
            if door is not None:
                door.close()

    def _door(self) -> socket.socket | None:
        if self._manner.walls == "off" or self._manner.trusted:
            return None
        if self._sandbox is not None:
            try:
                return self._sandbox.another_door()
            except OSError:
                # The walls have come down: new ones.
                self._sandbox.close()
        self._sandbox, problem = start_sandbox()
        if self._sandbox is not None:
            return self._sandbox.another_door()
        if self._manner.walls == "require":
            raise NoSandbox(f"There is no sandbox: {problem}. Mend that, or grade without --require-sandbox.")
        return None


class _Judge:
    """A judge process, and the submission that it has in hand."""

    def __init__(self, course: Course, manner: Manner, door: socket.socket | None) -> None:
        context = process_context()
        self.connection, theirs = context.Pipe()
        self.course = course
        self.died = False
        self._submission: Submission | None = None
        self._ready = False
        arguments = (theirs, course.root / COURSE_FILE, manner, door)
        self._process: BaseProcess = context.Process(target=serve, args=arguments)
        with started_deaf():
            self._process.start()
        theirs.close()

    @property
    def idle(self) -> bool:
        """Say whether it waits for a submission."""
        return self._ready and self._submission is None

    def give(self, submission: Submission) -> None:
        self._submission = submission
        self.connection.send(submission)

    def receive(self) -> SubmissionResult | None:
        """Take what the judge sent: a result, or that it is ready.

        Raises:
            JudgeFailed: it could not start.
        """
        try:
            message = self.connection.recv()
        except (EOFError, ConnectionError):
            if not self._ready:
                raise JudgeFailed(
                    "A process that runs the checks ended at its start. Run: pytest tests/visible tests/hidden"
                ) from None
            self.died = True
            return self._give_up()
        if isinstance(message, Ready):
            self._ready = True
            return None
        if not isinstance(message, SubmissionResult):
            raise JudgeFailed(str(message))
        self._submission = None
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

    def _give_up(self) -> SubmissionResult | None:
        if self._submission is None:
            return None
        note = "The grader failed on this submission. That is not the learner's fault; grade it again."
        notes = [*self._submission.notes, note]
        return verdict(self.course, self._submission.id, {}, notes, digest=self._submission.digest)


_imported_once: dict[str, None] = {serve.__module__: None}


def process_context(*modules: str) -> ForkServerContext | SpawnContext:
    """Return the way to start processes that grade.

    Where it can be, each is the fork of one process that has imported everything once: `modules` too, if they are named
    before the first process starts.
    """
    if sys.platform != "linux":
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    _imported_once.update(dict.fromkeys(modules))
    context.set_forkserver_preload(list(_imported_once))
    return context
