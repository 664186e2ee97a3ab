"""A worker process without a sandbox, for every platform."""

from __future__ import annotations

import contextlib
import io
import os
import queue
import subprocess
import sys
import threading
from typing import IO

from grader.learner.workspace import Workspace
from grader.wire import switches
from grader.wire.connection import START_SECONDS, tell_status
from grader.wire.encoding import Hello, encode
from grader.wire.frames import Frames, WireError

_PIPE = 4096  # bytes that fit into an empty pipe on every platform


class Subprocess:
    """A worker process for one workspace, with all the rights of this user: a `WorkerConnection` without a sandbox."""

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
            files = {name: str(path) for name, path in workspace.files.items()}
            self.send(encode(Hello(files, workspace.free)), START_SECONDS)
            self.receive(START_SECONDS)
        except BaseException:
            self.end()
            raise

    def send(self, frame: bytes, seconds: float) -> None:
        if len(frame) <= _PIPE:
            self._write(frame)
            return
        # In a thread, so that a process that doesn't read can't block this one. The thread ends with that process.
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
        ending = self._how_it_ended()
        if hasattr(os, "killpg"):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, 9)
        self._process.kill()
        self._process.wait()
        self._reader.join(1)
        self._stdout.close()
        with contextlib.suppress(OSError):
            self._stdin.close()
        return ending

    def _how_it_ended(self) -> str:
        if self._process.poll() is None and not self._closed:
            return "the grader ended it"
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
