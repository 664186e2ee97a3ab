"""The judge: a process that collects the checks once and runs them on one submission after another.

It holds checks and reference. The learner's code runs in a process of its own, on the far side of the port.
"""

from __future__ import annotations

import dataclasses
import sys
import tempfile
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest
import torch

from grader.checks import plugin
from grader.checks.bench import Bench
from grader.checks.outcome import Outcome, Status
from grader.course import Course, load_course
from grader.engine.intake import Submission, write_files
from grader.engine.notebook import in_cells
from grader.learner import InProcess, OtherProcess, Workspace
from grader.learner.limits import ignore_ctrl_c
from grader.learner.transport import Line, Subprocess
from grader.verdict import SubmissionResult, verdict

if TYPE_CHECKING:
    from grader.learner.sandbox import Sandbox


Walls = Literal["auto", "require", "off"]


@dataclass(frozen=True)
class Ready:
    """A judge's first message: `problem` says why it works without a sandbox; empty where it has one."""

    problem: str


@dataclass(frozen=True)
class Manner:
    """How judges work; see `grade`."""

    walls: Walls = "auto"
    trusted: bool = False
    diagnosing: bool = True


def serve(connection: Connection, course_file: Path, manner: Manner) -> None:
    """Answer each submission that arrives with its result, until None arrives or the connection closes."""
    torch.set_num_threads(1)
    # Ctrl-C is for the process that hands out the work; it ends this one in order.
    ignore_ctrl_c()
    course = load_course(course_file)
    files = [str(path) for _, _, path in course.check_files()]
    sandbox, problem = None, "it was switched off"
    if manner.walls != "off" and not manner.trusted:
        sandbox, problem = _start_sandbox()
    loop = _Loop(connection, course, sandbox, problem, manner)
    code = pytest.main([*plugin.options_for_pytest(course), "-p", "no:terminal", *files], plugins=[loop])
    if loop.sandbox is not None:
        loop.sandbox.close()
    if not loop.started:
        connection.send(f"The checks cannot be collected (pytest ended with {code}). Run: pytest --collect-only tests")


def _start_sandbox() -> tuple[Sandbox | None, str]:
    if sys.platform != "linux":
        return None, "the sandbox works on Linux only"
    # Its modules use what other platforms do not have.
    from grader.learner.sandbox import start_sandbox

    return start_sandbox()


class _Loop:
    """A pytest plugin in the place of pytest's own loop: all checks, for each submission that arrives."""

    def __init__(
        self, connection: Connection, course: Course, sandbox: Sandbox | None, problem: str, manner: Manner
    ) -> None:
        self.connection = connection
        self.course = course
        self.sandbox, self.problem = sandbox, problem
        self.manner = manner
        self.started = False

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        connect = InProcess if self.manner.trusted else lambda workspace: OtherProcess(workspace, self._open)
        config.stash[plugin.BENCH] = Bench(self.course, connect, self.manner.diagnosing)
        plugin.configure_hypothesis(shrink=not self.manner.trusted)

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        if session.testsfailed:
            return True
        self.started = True
        self.connection.send(Ready(self.problem))
        while True:
            try:
                submission = self.connection.recv()
            except EOFError:
                return True
            if submission is None:
                return True
            self.connection.send(self._judge(session, submission))

    def _open(self, workspace: Workspace) -> Line:
        return self.sandbox.open(workspace) if self.sandbox is not None else Subprocess(workspace)

    def _judge(self, session: pytest.Session, submission: Submission) -> SubmissionResult:
        result = self._judge_once(session, submission)
        if result.fault and self.sandbox is not None:
            # Perhaps the walls have come down: once more, behind new ones.
            self.sandbox.close()
            fresh, _ = _start_sandbox()
            if fresh is not None:
                self.sandbox = fresh
                result = self._judge_once(session, submission)
        return result

    def _judge_once(self, session: pytest.Session, submission: Submission) -> SubmissionResult:
        bench = session.config.stash[plugin.BENCH]
        end = time.monotonic() + self.course.limits.submission
        outcomes: dict[tuple[str, str], Outcome] = {}
        with tempfile.TemporaryDirectory(prefix="submission-") as folder:
            bench.seat(write_files(submission, Path(folder)))
            for item in session.items:
                check = item.stash.get(plugin.CHECK, None)
                if check is None:
                    continue
                if not submission.asks_for(check.exercise, check.id):
                    status: Status = "skipped" if check.exercise in submission.sources else "not_started"
                    outcomes[check.exercise, check.id] = Outcome(status, "Not run: it was not asked for.")
                    continue
                if time.monotonic() > end + bench.diagnosing_seconds:
                    text = f"Not run: this submission has used its {self.course.limits.submission:g} seconds."
                    outcomes[check.exercise, check.id] = Outcome("timeout", text)
                    continue
                outcomes[check.exercise, check.id] = _in_cells(plugin.run_item(item), submission)
            bench.clear()
        walled = self.sandbox is not None
        return verdict(self.course, submission.id, outcomes, submission.notes, walled, submission.digest)


def _in_cells(outcome: Outcome, submission: Submission) -> Outcome:
    """Have a message name the cells of a notebook."""
    if not outcome.message:
        return outcome
    modules = {name: source.decode("utf-8", "replace") for name, source in submission.sources.items()}
    return dataclasses.replace(outcome, message=in_cells(outcome.message, modules))
