"""Grading: submissions are handed to judges, one process per core, as these become free."""

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

from grader.course import COURSE_FILE, Course
from grader.errors import GraderFailed, NoSandbox
from grader.grading.intake import Submission
from grader.grading.messages import GradingOptions, Ready, SharedReplies
from grader.grading.process_start import process_context, started_deaf, without_the_program
from grader.grading.results import SubmissionResult
from grader.grading.sandboxes import begin_sandbox, start_sandbox
from grader.grading.start import serve
from grader.grading.submissions import not_graded, refuse_same_names

if TYPE_CHECKING:
    from grader.sandbox.launch import Sandbox


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


class GraderPool:
    """Judges that grade one lot of submissions after another; they are started as they are needed.

    Args:
        course: the course.
        jobs: how many work side by side at most; one per core by default.
        options: how they work.
    """

    def __init__(self, course: Course, jobs: int | None = None, options: GradingOptions | None = None) -> None:
        self._course = course
        self._most = jobs or os.cpu_count() or 1
        drafts = tuple(exercise.id for exercise in course.exercises if exercise.draft)
        self._options = dataclasses.replace(options or GradingOptions(), drafts=drafts)
        self._graders: list[_GraderProcess] = []
        self._sandbox: Sandbox | None = None
        self._stands = self._optimizers = False
        self._shared_replies: list[SharedReplies] = []

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
            for grader_process in self._graders:
                if grader_process.idle and waiting:
                    grader_process.give(waiting.pop())
            ready = wait([grader_process.connection for grader_process in self._graders if not grader_process.idle])
            for grader_process in [
                grader_process for grader_process in self._graders if grader_process.connection in ready
            ]:
                result = grader_process.receive()
                if result is not None:
                    take(result)
                failed_starts = failed_starts + 1 if grader_process.died_at_its_start else 0
                if failed_starts == TRIES:
                    raise GraderFailed(ENDED)
                if not grader_process.died:
                    continue
                grader_process.stop()
                self._graders[self._graders.index(grader_process)] = self._another()
                lost = grader_process.submission
                if lost is not None:
                    tries[lost.id] += 1
                    if tries[lost.id] < TRIES:
                        waiting.append(lost)
                    else:
                        take(not_graded(self._course, lost, LOST))
        return [found[submission.id] for submission in submissions]

    def close(self) -> None:
        """End the judges."""
        for grader_process in self._graders:
            grader_process.stop()
        self._graders.clear()
        self._shared_replies.clear()
        if self._sandbox is not None:
            self._sandbox.close()
            self._sandbox, self._stands = None, False

    def _staff(self, count: int) -> None:
        """Have so many judges, with walls that stand where there can be any."""
        sandboxed = self._options.sandbox != "off" and not self._options.trusted
        if sandboxed and self._sandbox is None and len(self._graders) < count:
            # The walls go up while the judges collect the checks.
            self._sandbox = begin_sandbox(self._optimizers)
            self._employ(count)
            self._stands = self._sandbox is not None and self._sandbox.is_up()
            if not self._stands:
                self.close()
                self._put_up_walls(self._options.sandbox == "require")
        self._employ(count)

    def _train(self, submissions: Sequence[Submission]) -> bool:
        """Say whether checks of what was handed in make steps with an optimizer: by their text, as a hint."""
        handed_in = {name for submission in submissions for name in submission.sources}
        files = [path for exercise, _, path in self._course.check_files() if exercise.id in handed_in]
        return any("optimizer" in path.read_text(encoding="utf-8") for path in files)

    def _employ(self, count: int) -> None:
        while len(self._graders) < count:
            self._graders.append(self._another())

    def _put_up_walls(self, needed: bool) -> None:
        self._sandbox, problem = start_sandbox(self._optimizers)
        self._stands = self._sandbox is not None
        if needed and self._sandbox is None:
            raise NoSandbox(f"There is no sandbox: {problem}. Mend that, or grade without --require-sandbox.")

    def _another(self) -> _GraderProcess:
        """Start a judge, with a door of its own to the sandbox, which all share."""
        sandbox_socket = None
        if self._sandbox is not None:
            try:
                sandbox_socket = self._sandbox.connect()
            except OSError:
                # Walls that never stood are `_staff`'s affair.
                if self._stands:
                    # They have come down: new ones. Whoever can bring walls down must not be graded without.
                    self._sandbox.close()
                    self._put_up_walls(needed=True)
                    sandbox_socket = self._sandbox.connect()
        try:
            return _GraderProcess(
                self._course, self._options, sandbox_socket, self._shared_replies if self._most > 1 else None
            )
        finally:
            if sandbox_socket is not None:
                sandbox_socket.close()


class _GraderProcess:
    """A judge process, and the submission that it has in hand, also after it died.

    Args:
        course: the course.
        options: how it works.
        sandbox_socket: a way into the sandbox, if there is one.
        shared_replies: what all judges have told so far, to which this one adds; None where there are no others.
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
        self._heard = 0
        self._own: list[SharedReplies] = []
        self._process = _start(theirs, course.root / COURSE_FILE, options, sandbox_socket, shared_replies is not None)
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
        shared_replies = self._shared_replies or []
        # Where it has just died, that is noticed when it is listened to.
        with contextlib.suppress(OSError):
            for one in shared_replies[self._heard :]:
                if not any(one is own for own in self._own):
                    self.connection.send(one)
            self.connection.send(submission)
        self._heard, self._own = len(shared_replies), []

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
        if isinstance(message, SharedReplies):
            self._own.append(message)
            if self._shared_replies is not None and sum(len(one.packed) for one in self._shared_replies) < NEWS_BYTES:
                self._shared_replies.append(message)
            return None
        if not isinstance(message, SubmissionResult):
            raise GraderFailed(str(message))
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
            with started_deaf(), without_the_program():
                process.start()
            break
        except (EOFError, OSError) as error:
            if not left:
                raise GraderFailed(
                    f"The processes that run the checks cannot be started: {error}. Try again."
                ) from error
            # One that was killed stops to listen before it counts as ended, and until then no other is started.
            time.sleep(DYING)
    return process
