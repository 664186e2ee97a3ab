"""The judge: a process that collects the checks once and runs them on one submission after another.

It holds checks and reference. The learner's code runs in a process of its own, on the far side of the port.
"""

from __future__ import annotations

import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from _pytest.runner import runtestprotocol

from grader.checks import plugin
from grader.checks.bench import Bench
from grader.checks.outcome import Outcome
from grader.course import Course, load_course
from grader.engine.intake import Submission, write_files
from grader.learner import OtherProcess
from grader.verdict import SubmissionResult, verdict


def serve(connection: Connection, course_file: Path) -> None:
    """Answer each submission that arrives with its result, until None arrives or the connection closes."""
    import torch

    torch.set_num_threads(1)
    course = load_course(course_file)
    files = [str(path) for _, _, path in course.check_files()]
    loop = _Loop(connection, course)
    code = pytest.main([*plugin.options_for_pytest(course), "-p", "no:terminal", *files], plugins=[loop])
    if not loop.started:
        connection.send(f"the checks cannot be collected (pytest ended with {code}). Run: pytest --collect-only tests")


class _Loop:
    """A pytest plugin in the place of pytest's own loop: all checks, for each submission that arrives."""

    def __init__(self, connection: Connection, course: Course) -> None:
        self.connection = connection
        self.course = course
        self.started = False

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        config.stash[plugin.BENCH] = Bench(self.course, OtherProcess)

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        if session.testsfailed:
            return True
        self.started = True
        self.connection.send("ready")
        while True:
            try:
                submission = self.connection.recv()
            except EOFError:
                return True
            if submission is None:
                return True
            self.connection.send(self._judge(session, submission))

    def _judge(self, session: pytest.Session, submission: Submission) -> SubmissionResult:
        bench = session.config.stash[plugin.BENCH]
        end = time.monotonic() + self.course.limits.submission
        outcomes: dict[tuple[str, str], Outcome] = {}
        with tempfile.TemporaryDirectory(prefix="submission-") as folder:
            bench.seat(write_files(submission, Path(folder)))
            for place, item in enumerate(session.items):
                check = item.stash.get(plugin.CHECK, None)
                if check is None:
                    continue
                if time.monotonic() > end:
                    text = f"Not run: this submission has used its {self.course.limits.submission:g} seconds."
                    outcomes[check.exercise, check.id] = Outcome("timeout", text)
                    continue
                outcomes[check.exercise, check.id] = _run(item, session.items[(place + 1) % len(session.items)])
            bench.clear()
        session.config.stash[plugin.RESULTS].clear()
        return verdict(self.course, submission.id, outcomes, submission.notes)


def _run(item: pytest.Item, following: pytest.Item) -> Outcome:
    if plugin.OUTCOME in item.stash:
        del item.stash[plugin.OUTCOME]
    reports = runtestprotocol(item, log=False, nextitem=following)
    outcomes = [report.outcome_of_check for report in reports if hasattr(report, "outcome_of_check")]
    broken = [outcome for outcome in outcomes if outcome.machine]
    fault = Outcome("error", "The check was not run. That is the grader's fault, not yours.", machine=True)
    return broken[0] if broken else outcomes[0] if outcomes else fault
