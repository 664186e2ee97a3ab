"""The two transports: the learner's objects in this process, or in a process of their own."""

from __future__ import annotations

import contextlib
import os
import queue
import secrets
import subprocess
import sys
import threading
from collections.abc import Sequence
from typing import IO, Protocol

from grader.learner.far import Far
from grader.learner.limits import GRACE, TimedFar
from grader.learner.requests import AnyRequest, Reply, Stopped
from grader.learner.wire import Hello, Question, Response, WireError, decode, encode, read_frame
from grader.learner.workspace import Workspace

START_SECONDS = 60.0


class Transport(Protocol):
    """Takes requests to a far side and brings the replies back."""

    workspace: Workspace

    def ask(self, requests: Sequence[AnyRequest], seconds: float) -> list[Reply]:
        """Ask, and wait at most so many seconds.

        Raises:
            FarSideGone: the far side ended, or sent something that is not an answer.
        """

    def original(self) -> BaseException | None:
        """Return the exception behind the last `Raised`, where it is in this process."""

    def close(self) -> None:
        """End the far side and everything it holds."""


class FarSideGone(Exception):
    """The learner's process is gone; the text says how."""


class InProcess:
    """The learner's objects live here: fast, and `breakpoint()` and `--pdb` stop inside the learner's code."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._far = TimedFar(Far(workspace))

    def ask(self, requests: Sequence[AnyRequest], seconds: float) -> list[Reply]:
        return self._far.answer(requests, seconds)

    def original(self) -> BaseException | None:
        return self._far.far.raised

    def close(self) -> None:
        self.workspace.close()


class OtherProcess:
    """The learner's objects live in a process of their own, started when first asked and again after its end."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._process: _Child | None = None

    def ask(self, requests: Sequence[AnyRequest], seconds: float) -> list[Reply]:
        if self._process is None:
            self._process = _Child(self.workspace)
        try:
            return self._process.ask(requests, seconds)
        except TimeoutError:
            self.close()
            return [Stopped([])]
        except (EOFError, OSError) as error:
            how = self._process.how_it_ended()
            self.close()
            raise FarSideGone(how) from error
        except WireError as error:
            self.close()
            raise FarSideGone(f"it answered with something that is not an answer ({error})") from error

    def original(self) -> BaseException | None:
        return None

    def close(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process = None


class _Child:
    """One process that answers questions about one workspace."""

    def __init__(self, workspace: Workspace) -> None:
        environment = {
            name: value for name, value in os.environ.items() if name in ("PATH", "SYSTEMROOT", "TEMP", "TMP", "LANG")
        }
        environment |= {"OMP_NUM_THREADS": "1", "PYTHONHASHSEED": "0"}
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-B", "-m", "grader.learner.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            start_new_session=True,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._stdin: IO[bytes] = self._process.stdin
        self._stdout: IO[bytes] = self._process.stdout
        self._frames: queue.SimpleQueue[bytes | Exception] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        try:
            self._write(encode(Hello({name: str(path) for name, path in workspace.files.items()})))
            if self._next(START_SECONDS) != b"ready":
                raise WireError("it did not start as it should")
        except BaseException:
            self.kill()
            raise

    def ask(self, requests: Sequence[AnyRequest], seconds: float) -> list[Reply]:
        number = secrets.randbits(62)
        self._write(encode(Question(number, seconds, list(requests))))
        response = decode(self._next(seconds + GRACE), Response)
        if response.number != number or not response.replies or len(response.replies) > len(requests):
            raise WireError("it answered another question")
        return list(response.replies)

    def how_it_ended(self) -> str:
        try:
            code = self._process.wait(1)
        except subprocess.TimeoutExpired:
            return "it closed its connection"
        return f"it ended with signal {-code}" if code < 0 else f"it ended with exit status {code}"

    def kill(self) -> None:
        if hasattr(os, "killpg"):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, 9)
        self._process.kill()
        self._process.wait()
        self._reader.join(1)
        self._stdout.close()
        with contextlib.suppress(OSError):
            self._stdin.close()

    def _write(self, frame: bytes) -> None:
        self._stdin.write(frame)
        self._stdin.flush()

    def _next(self, seconds: float) -> bytes:
        try:
            frame = self._frames.get(timeout=seconds)
        except queue.Empty:
            raise TimeoutError from None
        if isinstance(frame, Exception):
            raise frame
        return frame

    def _read(self) -> None:
        try:
            while True:
                self._frames.put(read_frame(self._stdout.read))
        except (EOFError, OSError, WireError, ValueError) as error:
            self._frames.put(EOFError() if isinstance(error, ValueError) else error)
