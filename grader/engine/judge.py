"""The judge: a process that collects the checks once and runs them on one submission after another.

It holds checks and reference. The learner's code runs in a process of its own, on the far side of the port.
"""

from __future__ import annotations

import contextlib
import dataclasses
import multiprocessing
import socket
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import torch

from grader.checks import plugin
from grader.checks.bench import Bench
from grader.checks.outcome import Outcome
from grader.course import Course, Status, load_course
from grader.engine.intake import Submission, write_files
from grader.engine.manner import Manner, News, Ready, start_sandbox
from grader.engine.notebook import in_cells
from grader.learner import InProcess, OtherProcess, Workspace
from grader.learner.limits import ignore_ctrl_c
from grader.learner.line import Line
from grader.learner.memory import Memory
from grader.learner.transport import Subprocess
from grader.verdict import SubmissionResult, verdict

if TYPE_CHECKING:
    from grader.learner.sandbox import Door


def serve(connection: Connection, course_file: Path, manner: Manner, door: socket.socket | None, shared: bool) -> None:
    """Answer each submission that arrives with its result, until None arrives or the connection closes.

    Args:
        connection: where submissions arrive, and news of what other judges have come to know.
        course_file: the course.
        manner: how to work.
        door: a door of the sandbox; None where there is none, or none is wanted.
        shared: whether there are other judges, who are to have news from this one.
    """
    torch.set_num_threads(1)
    # Ctrl-C is for the process that hands out the work; it ends this one in order.
    ignore_ctrl_c()
    course = load_course(course_file)
    files = [str(path) for _, _, path in course.check_files()]
    loop = _Loop(connection, course, door, manner, shared)
    options = [*plugin.options_for_pytest(course), "-p", "no:terminal", *files]
    code = pytest.main(options, plugins=[loop])
    loop.close()
    if not loop.started:
        with contextlib.suppress(ConnectionError):
            connection.send(
                f"The checks cannot be collected (pytest ended with {code}). Run: pytest --collect-only tests"
            )


class NobodyWaits(Exception):
    """The process that hands out the work is gone."""


class _Loop:
    """A pytest plugin in the place of pytest's own loop: all checks, for each submission that arrives."""

    def __init__(
        self, connection: Connection, course: Course, door: socket.socket | None, manner: Manner, shared: bool
    ) -> None:
        self.connection = connection
        self.course = course
        self.manner = manner
        self.memory = Memory(shared=shared)
        self.started = False
        self._door: Door | None = None
        if door is not None:
            from grader.learner.sandbox import Door

            self._door = Door(door)

    def close(self) -> None:
        """Let go of the sandbox."""
        if self._door is not None:
            self._door.close()

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        connect = InProcess if self.manner.trusted else lambda workspace: OtherProcess(workspace, self._open)
        config.stash[plugin.BENCH] = Bench(self.course, connect, self.manner.diagnosing, self.memory)
        plugin.configure_hypothesis(shrink=not self.manner.trusted)

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        if session.testsfailed:
            return True
        self.started = True
        with contextlib.suppress(NobodyWaits):
            self._send(Ready())
            while (message := self._next()) is not None:
                if isinstance(message, News):
                    self.memory.hear(message.packed)
                    continue
                result = self._judge(session, message)
                if news := self.memory.news():
                    self._send(News(news))
                self._send(result)
        return True

    def _next(self) -> Submission | News | None:
        try:
            message: Submission | News | None = self.connection.recv()
            return message
        except (EOFError, ConnectionError):
            return None

    def _send(self, message: Ready | News | SubmissionResult) -> None:
        try:
            self.connection.send(message)
        except ConnectionError as error:
            raise NobodyWaits from error

    def _open(self, workspace: Workspace) -> Line:
        return self._door.open(workspace) if self._door is not None else Subprocess(workspace)

    def _judge(self, session: pytest.Session, submission: Submission) -> SubmissionResult:
        result = self._judge_once(session, submission)
        if self._door is not None and (result.fault or (_died(result) and not self._door.leads_in())):
            # Perhaps the walls have come down: once more, behind new ones.
            self._door.close()
            fresh, _ = start_sandbox()
            if fresh is not None:
                self._door = fresh
                result = self._judge_once(session, submission)
        return result

    def _judge_once(self, session: pytest.Session, submission: Submission) -> SubmissionResult:
        bench = session.config.stash[plugin.BENCH]
        end = time.monotonic() + self.course.limits.submission
        outcomes: dict[tuple[str, str], Outcome] = {}
        grader = multiprocessing.parent_process()
        with tempfile.TemporaryDirectory(prefix="submission-") as folder:
            bench.seat(write_files(submission, Path(folder)))
            for item in session.items:
                if grader is not None and not grader.is_alive():
                    raise NobodyWaits
                check = item.stash.get(plugin.CHECK, None)
                if check is None:
                    continue
                if not submission.asks_for(check.exercise, check.id):
                    status: Status = "skipped" if check.exercise in submission.sources else "not_started"
                    outcomes[check.exercise, check.id] = Outcome(status, "Not run: it was not asked for.")
                    continue
                if not bench.has(check.exercise):
                    outcomes[check.exercise, check.id] = plugin.absent(check.exercise)
                    continue
                if time.monotonic() > end + bench.own_seconds:
                    text = f"Not run: this submission has used its {self.course.limits.submission:g} seconds."
                    outcomes[check.exercise, check.id] = Outcome("timeout", text)
                    continue
                outcomes[check.exercise, check.id] = _in_cells(plugin.run_item(item), submission)
            bench.clear()
        walled = self._door is not None
        return verdict(self.course, submission.id, outcomes, submission.notes, walled, submission.digest)


def _died(result: SubmissionResult) -> bool:
    """Say whether a process may have ended during a check."""
    return any(check.status == "error" for exercise in result.exercises.values() for check in exercise.checks)


def _in_cells(outcome: Outcome, submission: Submission) -> Outcome:
    """Have a message name the cells of a notebook."""
    if not outcome.message:
        return outcome
    modules = {name: source.decode("utf-8", "replace") for name, source in submission.sources.items()}
    return dataclasses.replace(outcome, message=in_cells(outcome.message, modules))
