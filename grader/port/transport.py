"""The two transports: the learner's objects in this process, or in a process of their own."""

from __future__ import annotations

import contextlib
import io
import os
import queue
import secrets
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import IO, Protocol

from grader.learner.far import Far
from grader.learner.limits import GRACE, TimedFar
from grader.learner.workspace import Workspace
from grader.wire import switches
from grader.wire.connection import START_SECONDS, FarSideGone, WorkerConnection, tell_status
from grader.wire.encoding import (
    Hello,
    decode_packed,
    encode,
    encode_packed,
    pack_replies,
    pack_requests,
    unpack_replies,
)
from grader.wire.frames import Frames, WireError
from grader.wire.requests import AnyRequest, Reply, Stopped

AHEAD_SECONDS = 1.0
"""Seconds that a question which is asked ahead may take; one that needs more is asked again, and by itself."""
AT_ONCE = 64 * 2**10
"""Bytes of questions that are sent before the first is answered: so much goes into a socket that nobody reads yet."""
LOG = 16 * 2**20
"""Bytes of questions that are kept to `go_back`."""

_PIPE = 4096  # bytes that an empty pipe takes on every platform


class Transport(Protocol):
    """Takes requests to a far side and brings the replies back."""

    def ask(self, requests: Sequence[AnyRequest], seconds: float) -> list[Reply]:
        """Ask, and wait at most so many seconds.

        Raises:
            FarSideGone: the far side ended, or sent something that is not an answer.
        """

    def original(self) -> BaseException | None:
        """Return the exception behind the last `Raised`, where it is in this process."""

    def close(self) -> None:
        """End the far side and everything it holds."""


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
    """The learner's objects live in a process of their own, started when first asked and again after its end.

    Where it is known what will be asked next, as long as the replies are as expected, questions can be asked ahead,
    which saves two processes from waking one another for each. When a reply is not as expected, the process has seen
    questions that should not have been asked, and `go_back` puts a new one into its place.

    Args:
        workspace: where the modules are.
        start: starts a process for a workspace; one without walls by default.

    Attributes:
        history: stands for all that was said so far, for who foresees what comes next.
    """

    def __init__(self, workspace: Workspace, start: Callable[[Workspace], WorkerConnection] | None = None) -> None:
        self.workspace = workspace
        self._start = start or Subprocess
        self._connection: WorkerConnection | None = None
        self._asked: list[bytes] = []
        self._size = 0
        self._surprised = False
        self.history = b""

    def ask(self, requests: Sequence[AnyRequest], seconds: float) -> list[Reply]:
        return self.unpacked(self.ask_packed(pack_requests(requests), seconds), len(requests))

    def ask_packed(self, requests: bytes, seconds: float) -> bytes:
        """Ask what is packed already, and return the replies as they came, for `unpacked`.

        Raises:
            FarSideGone: as `ask` does.
        """
        line = self._started()
        number = secrets.randbits(62)
        try:
            line.send(encode_packed(number, seconds, requests), seconds + GRACE)
            answered, replies = decode_packed(line.receive(seconds + GRACE))
            if answered != number:
                raise WireError("it answered another question")
        except TimeoutError:
            self.close()
            return pack_replies([Stopped([])])
        except WireError as error:
            raise self._misunderstood(error) from error
        except (EOFError, OSError) as error:
            self._connection = None
            self._asked = []
            raise FarSideGone(line.end()) from error
        if self.asks_ahead:
            self._write_down(requests)
        return replies

    @property
    def asks_ahead(self) -> bool:
        """Whether to ask ahead: not after a surprise, nor where it would take much to go back."""
        return not self._surprised and self._size <= LOG

    def ask_ahead(self, questions: Sequence[bytes], seconds: float) -> Iterator[bytes]:
        """Ask questions that are packed already, without waiting for replies, and yield these as they come.

        Where a question gets none in time, or the process ends, there are no more; either then, or when a reply is not
        as expected, `go_back` has to follow.
        """
        seconds = min(seconds, AHEAD_SECONDS)
        for together in _portions(questions):
            line = self._started()
            first = secrets.randbits(62)
            try:
                frames = [encode_packed(number, seconds, one) for number, one in enumerate(together, first)]
                line.send(b"".join(frames), seconds + GRACE)
                for number, one in enumerate(together, first):
                    answered, replies = decode_packed(line.receive(seconds + GRACE))
                    if answered != number or self._was_stopped(replies):
                        return
                    self._write_down(one)
                    yield replies
            except (TimeoutError, WireError, EOFError, OSError):
                return

    def go_back(self) -> None:
        """Start a process that has been asked nothing but what was answered before something unexpected was."""
        asked = self._asked
        self.close()
        self._surprised = True
        if sum(1 for _ in self.ask_ahead(asked, AHEAD_SECONDS)) < len(asked):
            self.close()

    def _was_stopped(self, replies: bytes) -> bool:
        # To decode every reply would cost more than to ask.
        return Stopped.__name__.encode() in replies and isinstance(unpack_replies(replies)[-1], Stopped)

    def _started(self) -> WorkerConnection:
        if self._connection is None:
            self._connection = self._start(self.workspace)
        return self._connection

    def _write_down(self, question: bytes) -> None:
        self._size += len(question)
        self._asked.append(question)

    def unpacked(self, replies: bytes, asked: int) -> list[Reply]:
        """Decode the replies to so many requests.

        Raises:
            FarSideGone: they are not replies.
        """
        try:
            found = unpack_replies(replies)
            if not 1 <= len(found) <= asked:
                raise WireError("it answered another question")
        except WireError as error:
            raise self._misunderstood(error) from error
        # What was stopped would have to be stopped again.
        self._surprised = self._surprised or isinstance(found[-1], Stopped)
        return found

    def _misunderstood(self, error: WireError) -> FarSideGone:
        self.close()
        return FarSideGone(f"it answered with something that is not an answer ({error})")

    def original(self) -> BaseException | None:
        return None

    def close(self) -> None:
        self._asked = []
        line, self._connection = self._connection, None
        if line is not None:
            # Where the walls are down, whatever was behind them has ended.
            with contextlib.suppress(ConnectionError):
                line.end()


def _portions(questions: Sequence[bytes]) -> Iterator[list[bytes]]:
    """Divide questions into those that are sent at once."""
    portion: list[bytes] = []
    size = 0
    for one in questions:
        if portion and size + len(one) > AT_ONCE:
            yield portion
            portion, size = [], 0
        portion.append(one)
        size += len(one)
    if portion:
        yield portion


class Subprocess:
    """A process of this user, without walls, for one workspace: what every platform has."""

    def __init__(self, workspace: Workspace) -> None:
        kept = ("PATH", "SYSTEMROOT", "TEMP", "TMP", "LANG")
        environment = {name: value for name, value in os.environ.items() if name in kept}
        environment |= switches.as_environment() | {"OMP_NUM_THREADS": "1", "PYTHONHASHSEED": "0"}
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-B", "-m", "grader.learner.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            start_new_session=True,
        )
        assert self._process.stdin is not None
        assert isinstance(self._process.stdout, io.BufferedReader)
        self._stdin: IO[bytes] = self._process.stdin
        self._stdout = self._process.stdout
        self._closed = False
        self._frames: queue.SimpleQueue[bytes | Exception] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        try:
            self.send(encode(Hello({name: str(path) for name, path in workspace.files.items()})), START_SECONDS)
            self.receive(START_SECONDS)
        except BaseException:
            self.end()
            raise

    def send(self, frame: bytes, seconds: float) -> None:
        if len(frame) <= _PIPE:
            self._write(frame)
            return
        # A process that does not read must not hold up this one; ending it ends the thread.
        writer = threading.Thread(target=self._write, args=(frame,), daemon=True)
        writer.start()
        writer.join(seconds)
        if writer.is_alive():
            raise TimeoutError

    def _write(self, frame: bytes) -> None:
        try:
            self._stdin.write(frame)
            self._stdin.flush()
        except (OSError, ValueError):
            self._closed = True

    def receive(self, seconds: float) -> bytes:
        try:
            frame = self._frames.get(timeout=seconds)
        except queue.Empty:
            raise TimeoutError from None
        if isinstance(frame, Exception):
            self._closed = True
            raise frame
        return frame

    def end(self) -> str:
        told = self._how_it_ended()
        if hasattr(os, "killpg"):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, 9)
        self._process.kill()
        self._process.wait()
        self._reader.join(1)
        self._stdout.close()
        with contextlib.suppress(OSError):
            self._stdin.close()
        return told

    def _how_it_ended(self) -> str:
        if self._process.poll() is None and not self._closed:
            return "it was ended"
        try:
            code = self._process.wait(1)
        except subprocess.TimeoutExpired:
            return "it closed its connection"
        return tell_status(code)

    def _read(self) -> None:
        arriving = Frames(self._stdout.read1)
        try:
            while True:
                self._frames.put(arriving.next())
        except (EOFError, OSError, WireError, ValueError) as error:
            self._frames.put(EOFError() if isinstance(error, ValueError) else error)
