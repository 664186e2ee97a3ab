"""A pool of grader processes, one per core, each of which gets the next submission when it is free."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import socket
import time
from collections import Counter
from collections.abc import Callable, Sequence
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from typing import TYPE_CHECKING, Self

from grader.course import Course
from grader.errors import GraderFailed, NoSandbox
from grader.grading.intake import Submission
from grader.grading.messages import GradingOptions, Ready, SharedReplies
from grader.grading.process_start import process_context, started_deaf, without_the_program, without_the_working_folder
from grader.grading.results import SubmissionResult
from grader.grading.sandboxes import begin_sandbox, start_sandbox
from grader.grading.start import serve
from grader.grading.submissions import not_graded, refuse_same_names

if TYPE_CHECKING:
    from grader.sandbox.launch import Sandbox


MANY = 8
"""From this number of submissions on, it pays to import in advance what optimizers need, which takes seconds and makes
every worker larger."""
MAX_SHARED_BYTES = 256 * 2**20
"""The most bytes of shared replies that are kept for grader processes that start later; after that none are shared."""
TRIES = 3
"""How many grader processes may die on a submission before it counts as not gradable, or die when they start."""
LAST_SECONDS = 5.0
"""How long grader processes have to end by themselves."""
DYING = 0.3
"""Seconds within which a process that was killed has ended."""
ENDED = "The grader processes end as soon as they start. To see why, run: pytest tests/visible tests/hidden"
LOST = "The grader failed on this submission. That is not the student's fault; grade it again."


class GraderPool:
    """Grader processes that grade one batch of submissions after another; they are started when they are needed.

    Args:
        course: the course.
        jobs: the most processes to run at once; one per core by default.
        options: how they work.
    """

    def __init__(self, course: Course, jobs: int | None = None, options: GradingOptions | None = None) -> None:
        self._course = course
        self._most = jobs or os.cpu_count() or 1
        drafts = tuple(exercise.id for exercise in course.exercises if exercise.draft)
        self._options = dataclasses.replace(options or GradingOptions(), drafts=drafts)
        self._graders: list[_GraderProcess] = []
        self._sandbox: Sandbox | None = None
        self._sandbox_is_up = self._optimizers = False
        self._shared_replies: list[SharedReplies] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def grade(
        self, submissions: Sequence[Submission], done: Callable[[SubmissionResult], None] = lambda result: None
    ) -> list[SubmissionResult]:
        """Grade submissions; see the function `grade`. If that fails, it can be used again."""
        refuse_same_names(submissions)
        try:
            return self._grade(submissions, done)
        except BaseException:
            # Results that are still to come would be taken for those of the next submissions.
            self.close()
            raise

    def _grade(
        self, submissions: Sequence[Submission], done: Callable[[SubmissionResult], None]
    ) -> list[SubmissionResult]:
        waiting = _each_exercise_first(submissions)[::-1]
        tries: Counter[str] = Counter()
        failed_starts = 0
        results: dict[str, SubmissionResult] = {}

        def add(result: SubmissionResult) -> None:
            results[result.id] = result
            done(result)

        self._optimizers = self._optimizers or (len(submissions) >= MANY and self._need_optimizers(submissions))
        self._start_all(min(self._most, len(submissions)))
        while len(results) < len(submissions):
            for grader_process in self._graders:
                if grader_process.idle and waiting:
                    grader_process.give(waiting.pop())
            ready = wait([grader_process.connection for grader_process in self._graders if not grader_process.idle])
            for grader_process in [
                grader_process for grader_process in self._graders if grader_process.connection in ready
            ]:
                result = grader_process.receive()
                if result is not None:
                    add(result)
                failed_starts = failed_starts + 1 if grader_process.died_at_its_start else 0
                if failed_starts == TRIES:
                    raise GraderFailed(ENDED)
                if not grader_process.died:
                    continue
                grader_process.stop(LAST_SECONDS)
                self._graders[self._graders.index(grader_process)] = self._another()
                lost = grader_process.submission
                if lost is not None:
                    tries[lost.id] += 1
                    if tries[lost.id] < TRIES:
                        waiting.append(lost)
                    else:
                        add(not_graded(self._course, lost, LOST))
        return [results[submission.id] for submission in submissions]

    def close(self) -> None:
        """End the grader processes and the sandbox."""
        graders, self._graders = self._graders, []
        for grader_process in graders:
            grader_process.dismiss()
        end = time.monotonic() + LAST_SECONDS
        for grader_process in graders:
            grader_process.stop(end - time.monotonic())
        self._shared_replies.clear()
        if self._sandbox is not None:
            self._sandbox.close()
            self._sandbox, self._sandbox_is_up = None, False

    def _start_all(self, count: int) -> None:
        """Make sure that this number of grader processes is running, with a sandbox if there can be one."""
        sandboxed = self._options.sandbox != "off" and not self._options.trusted
        if sandboxed and self._sandbox is None and len(self._graders) < count:
            # The sandbox starts while the grader processes collect the checks.
            self._sandbox = begin_sandbox(self._optimizers)
            self._start_missing(count)
            self._sandbox_is_up = self._sandbox is not None and self._sandbox.is_up()
            if not self._sandbox_is_up:
                self.close()
                self._start_sandbox(self._options.sandbox == "require")
        self._start_missing(count)

    def _need_optimizers(self, submissions: Sequence[Submission]) -> bool:
        """Guess from the text of the checks for what was handed in whether they use an optimizer or another device."""
        handed_in = {name for submission in submissions for name in submission.sources}
        files = [path for exercise, _, path in self._course.check_files() if exercise.id in handed_in]
        texts = [path.read_text(encoding="utf-8") for path in files]
        return any(word in text for text in texts for word in ("optimizer", "device"))

    def _start_missing(self, count: int) -> None:
        while len(self._graders) < count:
            self._graders.append(self._another())

    def _start_sandbox(self, needed: bool) -> None:
        self._sandbox, problem = start_sandbox(self._optimizers)
        self._sandbox_is_up = self._sandbox is not None
        if needed and self._sandbox is None:
            raise NoSandbox(f"There is no sandbox: {problem}. Fix that, or grade without --require-sandbox.")

    def _another(self) -> _GraderProcess:
        """Start a grader process, with its own connection to the sandbox, which all share."""
        sandbox_socket = None
        if self._sandbox is not None:
            try:
                sandbox_socket = self._sandbox.connect()
            except OSError:
                # `_start_all` deals with a sandbox that never came up.
                if self._sandbox_is_up:
                    # The sandbox has died. A submission that can kill it must not be graded without one.
                    self._sandbox.close()
                    self._start_sandbox(needed=True)
                    sandbox_socket = self._sandbox.connect()
        try:
            return _GraderProcess(
                self._course, self._options, sandbox_socket, self._shared_replies if self._most > 1 else None
            )
        finally:
            if sandbox_socket is not None:
                sandbox_socket.close()


def _each_exercise_first(submissions: Sequence[Submission]) -> list[Submission]:
    """Return the submissions in an order that soon has one of each exercise: checks may turn out not to work."""
    first, rest = list[Submission](), list[Submission]()
    seen: set[str] = set()
    for submission in submissions:
        asked = set(submission.sources)
        if submission.exercises is not None:
            # No check is needed for what wasn't handed in.
            asked &= submission.exercises
        (rest if seen.issuperset(asked) else first).append(submission)
        seen.update(asked)
    return first + rest


class _GraderProcess:
    """A grader process, and the submission that it is grading or was grading when it died.

    Args:
        course: the course.
        options: how it works.
        sandbox_socket: a connection to the sandbox, if there is one.
        shared_replies: the replies that all grader processes have shared so far, to which this one adds; None if it is
            the only one.
    """

    def __init__(
        self,
        course: Course,
        options: GradingOptions,
        sandbox_socket: socket.socket | None,
        shared_replies: list[SharedReplies] | None,
    ) -> None:
        context = process_context()
        self.connection, theirs = context.Pipe()
        self.course = course
        self.died = False
        self.submission: Submission | None = None
        self._ready = False
        self._shared_replies = shared_replies
        self._received = 0
        self._sent: list[SharedReplies] = []
        self._process = _start(theirs, course.file, options, sandbox_socket, shared_replies is not None)
        theirs.close()

    @property
    def idle(self) -> bool:
        """Say whether it is waiting for a submission."""
        return self._ready and self.submission is None

    @property
    def died_at_its_start(self) -> bool:
        """Say whether it died before it could take a submission."""
        return self.died and not self._ready

    def give(self, submission: Submission) -> None:
        """Send a submission, after the replies that the other grader processes have shared since the last one."""
        self.submission = submission
        shared_replies = self._shared_replies or []
        # If it has just died, `receive` notices that.
        with contextlib.suppress(OSError):
            for replies in shared_replies[self._received :]:
                if not any(replies is sent for sent in self._sent):
                    self.connection.send(replies)
            self.connection.send(submission)
        self._received, self._sent = len(shared_replies), []

    def receive(self) -> SubmissionResult | None:
        """Receive a message from the process, and return the result if it is one.

        Raises:
            GraderFailed: the process could not start.
        """
        try:
            message = self.connection.recv()
        except (EOFError, ConnectionError):
            self.died = True
            return None
        if isinstance(message, Ready):
            self._ready = True
            return None
        if isinstance(message, SharedReplies):
            self._sent.append(message)
            if self._shared_replies is not None:
                size = sum(len(replies.packed) for replies in self._shared_replies)
                if size < MAX_SHARED_BYTES:
                    self._shared_replies.append(message)
            return None
        if not isinstance(message, SubmissionResult):
            raise GraderFailed(str(message))
        self.submission = None
        return message

    def dismiss(self) -> None:
        """Tell it to end when it is idle."""
        if not self.died:
            with contextlib.suppress(OSError, ValueError):
                self.connection.send(None)

    def stop(self, seconds: float) -> None:
        """Wait some seconds until it has ended; then end it."""
        self._process.join(max(seconds, 0.0))
        if self._process.is_alive():
            self._process.terminate()
            self._process.join()
        self.connection.close()


def _start(*arguments: object) -> BaseProcess:
    """Start a grader process; if the process that forks it has been killed, try again, which starts another.

    Raises:
        GraderFailed: it cannot be started.
    """
    for left in reversed(range(TRIES)):
        process = process_context().Process(target=serve, args=arguments)
        try:
            with started_deaf(), without_the_program(), without_the_working_folder():
                process.start()
            break
        except (EOFError, OSError) as error:
            if not left:
                raise GraderFailed(f"The grader processes cannot be started: {error}. Try again.") from error
            # A killed process stops listening before it counts as ended, and until then no other is started.
            time.sleep(DYING)
    return process
