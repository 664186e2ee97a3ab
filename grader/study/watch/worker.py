"""The process that runs the checks: torch, pytest, the checks and the diagnosis are loaded once.

If it can, it forks for each run, so that whatever the learner's code does to its process ends with the run: an exit,
a changed default, a patched function. If not, it runs the checks itself, and is restarted if they changed it.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import importlib
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection, Pipe, wait
from pathlib import Path

import msgspec
import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.checks.outcome import Outcome
from grader.checks.runner import Runner, visible
from grader.checks.summary import summary
from grader.checks.under_test import SubmissionUnderTest
from grader.course import Check, Course, load_course
from grader.errors import GraderError
from grader.learner.child import silence
from grader.learner.limits import ignore_ctrl_c
from grader.study.folder import read, work
from grader.study.sightings import sightings
from grader.study.watch.messages import (
    Broken,
    Checked,
    CheckRequest,
    Died,
    Done,
    Report,
    Step,
    WorkerReady,
    pack,
    unpack_report,
    unpack_request,
)
from grader.wire.connection import tell_status

FORKS = sys.platform == "linux"
"""On other systems, forking a process with torch in it isn't safe or isn't possible."""
_LOOK_SECONDS = 0.1
MAX_THREADS = 8
"""If there are more, the learner's code started threads that are still running."""


def serve(connection: Connection, course_file: Path, exercises: Sequence[str], forks: bool) -> None:
    """Serve requests until the other side closes the connection."""
    silence()
    ignore_ctrl_c()
    sys.dont_write_bytecode = True
    tell = _teller(connection)
    try:
        course = load_course(course_file)
        under_test = SubmissionUnderTest(course)
        runner = Runner(course, under_test, [check for name in exercises for check in visible(course, name)])
        for name in exercises:
            under_test.prepare(name)
    except GraderError as error:
        tell(Broken(str(error)))
        return
    _warm_up()
    tell(WorkerReady(forks))
    waiting: CheckRequest | None = None
    with contextlib.suppress(EOFError, OSError), runner:
        while True:
            order = waiting or unpack_request(connection.recv_bytes())
            waiting = None
            run = functools.partial(_run, course, under_test, runner, order)
            if forks:
                waiting = _fork(connection, order, run)
            else:
                run(tell)
            if not connection.poll():
                # This takes a second or two; otherwise an optimizer would import it again in each fork.
                importlib.import_module("torch._dynamo")


def _run(
    course: Course, under_test: SubmissionUnderTest, runner: Runner, order: CheckRequest, tell: Callable[[Report], None]
) -> None:
    """Run the requested checks, and report the results."""
    files = {exercise.id: work(course, exercise.id) for exercise in course.exercises}
    under_test.load_folder(course.stubs)
    for name in order.exercises:
        content = read(files[name]) or b""
        checks = visible(course, name)
        results: list[tuple[Check, Outcome, str]] = []
        for number, check in enumerate(checks, start=1):
            outcome, printed = runner.run(check)
            results.append((check, outcome, printed))
            tell(Step(order.number, name, number, len(checks)))
            if outcome.status == "timeout":
                # Code that hangs once will hang again, and somebody is waiting.
                results += [(other, outcome, "") for other in checks[number:]]
                break
        outcomes = [(check, outcome) for check, outcome, _ in results]
        seen = sightings({name: content}, outcomes)
        tell(
            Checked(
                order.number,
                name,
                [line.text for line in summary(course, results)],
                {check.id: outcome.status for check, outcome in outcomes},
                any(sighting.over_standins for sighting in seen),
                [mistake for sighting in seen for mistake in sighting.mistakes],
                any(outcome.machine for _, outcome in outcomes),
            )
        )
    under_test.clear()
    tell(Done(order.number, _is_dirty()))


def _fork(
    connection: Connection, order: CheckRequest, run: Callable[[Callable[[Report], None]], None]
) -> CheckRequest | None:
    """Run the checks in a fork, and pass its reports on; return a request that came meanwhile, if there is one.

    Raises:
        EOFError: the other side is gone; the fork has been ended.
    """
    listen, speak = Pipe(duplex=False)
    child = os.fork()
    if child == 0:
        code = 70
        try:
            os.setsid()
            connection.close()
            run(_teller(speak))
            code = 0
        finally:
            os._exit(code)
    speak.close()
    how = "it closed its connection"
    status: int | None = None
    try:
        while True:
            ready = wait([connection, listen], _LOOK_SECONDS)
            if connection in ready:
                return unpack_request(connection.recv_bytes())
            if listen in ready:
                data = _next(listen)
                if data is None:
                    break
                connection.send_bytes(data)
                if isinstance(unpack_report(data), Done):
                    return None
            status = status if status is not None else _how_it_ended(child)
            if status is not None and not ready:
                break
        end = time.monotonic() + 1
        while status is None and time.monotonic() < end:
            time.sleep(0.01)
            status = _how_it_ended(child)
        how = how if status is None else tell_status(status)
        _teller(connection)(Died(order.number, how))
        return None
    finally:
        listen.close()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child, signal.SIGKILL)
        if status is None:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)


def _next(listen: Connection) -> bytes | None:
    """Return the next report of a fork; None if it has closed its side or sent something else."""
    try:
        data = listen.recv_bytes()
        unpack_report(data)
    except (EOFError, OSError, msgspec.MsgspecError):
        return None
    return data


def _how_it_ended(child: int) -> int | None:
    """Return the exit code of a process, negative for a signal; None while it is running."""
    ended, status = os.waitpid(child, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if ended else None


def _teller(connection: Connection) -> Callable[[Report], None]:
    return lambda report: connection.send_bytes(pack(report))


def _is_dirty() -> bool:
    """Say whether the learner's code has left defaults behind that what is checked next would meet."""
    fresh = torch.get_default_dtype() == torch.float32 and torch.is_grad_enabled()
    return not (fresh and torch.get_default_device().type == "cpu" and threading.active_count() <= MAX_THREADS)


def _warm_up() -> None:
    """Have done once what is slow the first time: Hypothesis's first test, torch's first backward pass."""

    @given(st.integers(0, 3))
    def first(number: int) -> None:
        out = torch.nn.Linear(2, 2)(torch.full((1, 2), float(number)))
        out.backward(torch.ones_like(out))

    first()
    # What is there by now stays: a fork that searched it for garbage would copy every page of it.
    gc.collect()
    gc.freeze()
