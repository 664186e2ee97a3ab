"""The grader process, which collects the checks once and runs them on one submission after another.

It contains the checks and the reference. The learner's code runs in another process, the worker, behind the port.
"""

from __future__ import annotations

import contextlib
import dataclasses
import io
import multiprocessing
import socket
import tempfile
import time
from collections.abc import Mapping, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from grader.checks.hypothesis_profile import configure_hypothesis
from grader.checks.outcome import NOT_RUN, Outcome
from grader.checks.policy import absent
from grader.checks.runner import Runner
from grader.checks.under_test import SubmissionUnderTest
from grader.course import Check, Course, Exercise, Status, load_course
from grader.errors import GraderError, NotCollected, NotWritten
from grader.failures.rows import Row
from grader.grading.behavior import behavior
from grader.grading.intake import Submission, write_files
from grader.grading.messages import GradingOptions, Ready, SharedReplies
from grader.grading.notebook import in_cells
from grader.grading.results import SubmissionResult
from grader.grading.sandboxes import start_sandbox
from grader.grading.unnamed import is_unnamed
from grader.grading.verdict import verdict
from grader.learner.limits import ignore_ctrl_c
from grader.port import InProcess, OtherProcess, Workspace
from grader.port.local_process import Subprocess
from grader.port.replay import Memory
from grader.wire.connection import WorkerConnection
from grader.writing import writing

if TYPE_CHECKING:
    from grader.sandbox.launch import SandboxClient


def serve(
    connection: Connection,
    course_file: Path,
    options: GradingOptions,
    sandbox_socket: socket.socket | None,
    shared: bool,
) -> None:
    """Answer each submission that arrives with its result, until None arrives or the connection closes.

    Args:
        connection: where submissions arrive, and the replies that other grader processes share.
        course_file: the course.
        options: how to grade.
        sandbox_socket: a connection to the sandbox; None if there is no sandbox, or none is wanted.
        shared: whether to share replies with other grader processes.
    """
    torch.set_num_threads(1)
    # Ctrl-C is meant for the process that hands out the work, which then ends this one.
    ignore_ctrl_c()
    grader_process = _GraderProcess(
        connection, load_course(course_file, options.drafts), sandbox_socket, options, shared
    )
    with contextlib.suppress(NobodyWaits):
        grader_process.serve()


class NobodyWaits(Exception):
    """The process that hands out the work has ended."""


class _GraderProcess:
    """Runs all checks, which are collected once, on each submission that arrives."""

    def __init__(
        self,
        connection: Connection,
        course: Course,
        sandbox_socket: socket.socket | None,
        options: GradingOptions,
        shared: bool,
    ) -> None:
        self.connection = connection
        self.course = course
        self.checks = [check for exercise in course.exercises for check in exercise.checks]
        self.options = options
        self.memory = Memory(shared=shared, replay=options.replay)
        connect = InProcess if options.trusted else lambda workspace: OtherProcess(workspace, self._open)
        # Naming a mistake can decide the score, so it has as much time as the checks: only code that is too slow for
        # these runs out of it.
        self.under_test = SubmissionUnderTest(
            course, connect, options.diagnosing, self.memory, course.limits.submission
        )
        self._sandbox_client: SandboxClient | None = None
        if sandbox_socket is not None:
            from grader.sandbox.launch import SandboxClient

            self._sandbox_client = SandboxClient(sandbox_socket)

    def serve(self) -> None:
        """Answer submissions until there are no more.

        Raises:
            NobodyWaits: the process that hands out the work has ended.
        """
        try:
            # Most submissions are of few exercises, and the checks of all take seconds to import.
            runner = Runner(self.course, self.under_test, self.checks, at_once=False)
        except GraderError as error:
            self._send(str(error))
            return
        try:
            with runner:
                configure_hypothesis(shrink=not self.options.trusted)
                self._send(Ready())
                while (message := self._next()) is not None:
                    if isinstance(message, SharedReplies):
                        self.memory.hear(message.packed)
                        continue
                    try:
                        result = self._grade(runner, message)
                    except (NotWritten, NotCollected) as error:
                        self._send(str(error))
                        return
                    if shared_replies := self.memory.shared_replies():
                        self._send(SharedReplies(shared_replies))
                    self._send(result)
        finally:
            if self._sandbox_client is not None:
                self._sandbox_client.close()

    def _next(self) -> Submission | SharedReplies | None:
        try:
            message: Submission | SharedReplies | None = self.connection.recv()
            return message
        except (EOFError, ConnectionError):
            return None

    def _send(self, message: Ready | SharedReplies | SubmissionResult | str) -> None:
        try:
            self.connection.send(message)
        except ConnectionError as error:
            raise NobodyWaits from error

    def _open(self, workspace: Workspace) -> WorkerConnection:
        return self._sandbox_client.open(workspace) if self._sandbox_client is not None else Subprocess(workspace)

    def _grade(self, runner: Runner, submission: Submission) -> SubmissionResult:
        result = self._grade_once(runner, submission)
        if self._sandbox_client is not None and (
            result.fault or (_died(result) and not self._sandbox_client.leads_in())
        ):
            # Perhaps the sandbox has died: try once more in a new one.
            self._sandbox_client.close()
            new_client, _ = start_sandbox()
            if new_client is not None:
                self._sandbox_client = new_client
                result = self._grade_once(runner, submission)
        return result

    def _grade_once(self, runner: Runner, submission: Submission) -> SubmissionResult:
        asked = self.course.exercises
        if submission.exercises is not None:
            asked = tuple(exercise for exercise in asked if exercise.id in submission.exercises)
        # Importing checks is not the submission's time.
        for exercise in asked:
            if exercise.id in submission.sources:
                runner.collect(exercise.id)
        end = time.monotonic() + self.course.limits.submission
        outcomes: dict[tuple[str, str], Outcome] = {}
        parent = multiprocessing.parent_process()
        with contextlib.ExitStack() as opened:
            with writing(Path(tempfile.gettempdir())):
                folder = opened.enter_context(tempfile.TemporaryDirectory(prefix="submission-"))
                files = write_files(submission, Path(folder))
            self.under_test.load(files)
            for check in [check for exercise in asked for check in exercise.checks]:
                if parent is not None and not parent.is_alive():
                    raise NobodyWaits
                outcomes[check.exercise, check.id] = self._outcome(runner, check, submission, end)
            behaviors = self._behaviors(asked, outcomes)
            self.under_test.clear()
        return verdict(
            self.course,
            submission.id,
            outcomes,
            submission.notes,
            sandboxed=self._sandbox_client is not None,
            digest=submission.digest,
            behaviors=behaviors,
            only=submission.exercises,
        )

    def _behaviors(
        self, exercises: Sequence[Exercise], outcomes: Mapping[tuple[str, str], Outcome]
    ) -> dict[str, tuple[str, ...]]:
        """Describe, for each exercise in which something fails without a known mistake, how it fails."""
        if not self.options.diagnosing:
            return {}
        behaviors = {}
        for exercise in exercises:
            of_exercise = {check.id: outcomes[exercise.id, check.id] for check in exercise.checks}
            if any(is_unnamed(outcome) for outcome in of_exercise.values()):
                behaviors[exercise.id] = behavior(of_exercise, self.under_test.answers(exercise.id))
        return behaviors

    def _outcome(self, runner: Runner, check: Check, submission: Submission, end: float) -> Outcome:
        if not submission.asks_for(check.exercise, check.id):
            status: Status = "skipped" if check.exercise in submission.sources else "not_started"
            return Outcome(status, (Row("not_run", ("it is not part of this run",)),))
        if not self.under_test.has(check.exercise):
            return absent(check.exercise)
        if time.monotonic() > end + self.under_test.own_seconds:
            text = f"the {self.course.limits.submission:g} seconds for an exercise are used up"
            return Outcome("timeout", (Row("not_run", (text,)),))
        if not runner.has(check):
            return NOT_RUN
        # Nobody reads what a submission or a library prints to stderr.
        with contextlib.redirect_stderr(io.StringIO()):
            outcome, _ = runner.run(check)
        return _in_cells(outcome, submission)


def _died(result: SubmissionResult) -> bool:
    """Say whether a worker may have ended during a check."""
    return any(check.status == "error" for exercise in result.exercises.values() for check in exercise.checks)


def _in_cells(outcome: Outcome, submission: Submission) -> Outcome:
    """Replace positions in modules that were made from a notebook by positions in its cells."""
    if not outcome.rows and not outcome.remarks:
        return outcome
    modules = {name: source.decode("utf-8", "replace") for name, source in submission.sources.items()}
    rows, remarks = in_cells(outcome.rows, modules), in_cells(outcome.remarks, modules)
    return dataclasses.replace(outcome, rows=rows, remarks=remarks)
