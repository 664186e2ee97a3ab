"""Connections to the process with the learner's objects, whether or not it runs in the sandbox."""

from __future__ import annotations

from typing import Protocol

START_SECONDS = 60.0


class FarSideGone(Exception):
    """The learner's process is gone; the message says how it ended."""


class WorkerConnection(Protocol):
    """A connection to one process with a learner's objects."""

    def send(self, frame: bytes, seconds: float) -> None:
        """Send a frame.

        Raises:
            TimeoutError: the process didn't read it within `seconds`.
            OSError: the process is gone.
        """

    def receive(self, seconds: float) -> bytes:
        """Return the payload of the next frame.

        Raises:
            TimeoutError: none arrived within `seconds`.
            EOFError: the process closed the connection.
            WireError: the bytes that arrived are not a frame.
        """

    def end(self) -> str:
        """End the process and everything it started; say how it ended if it had already ended by itself."""


def tell_status(code: int) -> str:
    """Say how a process ended, given its exit code; a negative code is a signal."""
    return f"it ended with signal {-code}" if code < 0 else f"it ended with exit status {code}"
