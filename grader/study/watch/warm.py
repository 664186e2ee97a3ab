"""Keeps a warm process alive: starts it, sends it requests, and restarts it when it dies, hangs or was changed."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path

import msgspec

from grader.grading.process_start import started_deaf
from grader.study.watch.messages import Broken, CheckRequest, Died, Done, Report, WorkerReady, pack, unpack_report


def _begin(connection: Connection, course_file: Path, exercises: Sequence[str], forks: bool | None) -> None:
    # Imported in the new process, so that the watching process starts without torch.
    try:
        from grader.study.watch import worker
    except Exception as error:
        # Not only ImportError: a library that torch needs may be missing, or broken in any way.
        connection.send_bytes(pack(Broken(f"The checks can't be loaded ({error}). What is missing? grader doctor")))
        return
    worker.serve(connection, course_file, exercises, worker.FORKS if forks is None else forks)


class Warm:
    """A warm process that runs checks.

    Args:
        course_file: the file course.yaml.
        exercises: the exercises whose checks it collects.
        quiet: seconds without a report, while checks run, after which it counts as hanging.
        forks: whether it forks for each run; by default, if the system can.
    """

    def __init__(self, course_file: Path, exercises: Sequence[str], quiet: float, forks: bool | None = None) -> None:
        self._course_file, self._exercises, self._quiet, self._wanted = course_file, list(exercises), quiet, forks
        self._number = 0
        self._request: CheckRequest | None = None
        self._sent = False
        self._ready: WorkerReady | None = None
        self._start()

    @property
    def connection(self) -> Connection:
        """Return the connection to wait for; when it is ready, call `receive`."""
        return self._connection

    @property
    def is_ready(self) -> bool:
        return self._ready is not None

    def check(self, exercises: Sequence[str]) -> int:
        """Request checks of exercises, and stop running ones. Return the number that its reports have."""
        if self._request is not None and self._sent and not (self._ready and self._ready.forks):
            # It doesn't listen until it is done.
            self._restart()
        self._number += 1
        self._request, self._sent = CheckRequest(self._number, list(exercises)), False
        self._send()
        return self._number

    def receive(self) -> Report | None:
        """Return a report; None if it is about an earlier request, or there is nothing to report."""
        try:
            report = unpack_report(self._connection.recv_bytes())
        except (EOFError, OSError, msgspec.MsgspecError):
            return self._lost()
        self._heard = time.monotonic()
        if isinstance(report, WorkerReady):
            self._ready = report
            self._send()
            return report
        number = getattr(report, "number", self._number)
        if number != self._number:
            return None
        if isinstance(report, (Done, Died)):
            self._request = None
        if isinstance(report, Done) and report.dirty:
            self._restart()
        return report

    def look(self) -> Died | None:
        """Check whether the process hangs; if so, restart it, and say so."""
        silent = time.monotonic() - self._heard
        if self._ready is None or self._request is None or silent <= self._quiet:
            return None
        self._request = None
        self._restart()
        return Died(self._number, f"it did not return within {self._quiet:g} s")

    def close(self) -> None:
        """End the process."""
        self._connection.close()
        self._process.join(1)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._connection, other = context.Pipe()
        arguments = (other, self._course_file, self._exercises, self._wanted)
        self._process = context.Process(target=_begin, args=arguments, daemon=True, name="grader watch")
        with started_deaf():
            self._process.start()
        other.close()
        self._ready = None
        self._heard = time.monotonic()

    def _restart(self) -> None:
        # A process that forks notices the closed connection, and ends its fork too.
        self._connection.close()
        self._process.join(1 if self._ready is not None and self._ready.forks else 0)
        self._process.kill()
        self._process.join()
        self._start()

    def _send(self) -> None:
        if self._request is None or self._sent or self._ready is None:
            return
        self._sent = True
        self._heard = time.monotonic()
        try:
            self._connection.send_bytes(pack(self._request))
        except OSError:
            # The process is gone: `receive` will report it.
            return

    def _lost(self) -> Report:
        self._process.join(1)
        code = self._process.exitcode
        before = self._ready is None
        self._request = None
        how = f"it ended with exit status {code}" if code is None or code >= 0 else f"it ended with signal {-code}"
        if before:
            return Broken(f"The checks can't be loaded ({how}). What is missing? grader doctor")
        self._restart()
        return Died(self._number, how)
