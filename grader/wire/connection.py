"""Lines: connections to one process that holds a learner's objects, whatever walls stand around it."""

from __future__ import annotations

from typing import Protocol

START_SECONDS = 60.0


class FarSideGone(Exception):
    """The learner's process is gone; the text says how."""


class WorkerConnection(Protocol):
    """A connection to one process that holds a learner's objects."""

    def send(self, frame: bytes, seconds: float) -> None:
        """Send a frame.

        Raises:
            TimeoutError: the process did not take it in time.
            OSError: the process is gone.
        """

    def receive(self, seconds: float) -> bytes:
        """Return the payload of the next frame.

        Raises:
            TimeoutError: none came in time.
            EOFError: the process closed the connection.
            WireError: what came is not a frame.
        """

    def end(self) -> str:
        """End the process with everything it started, and say how it had ended if it had."""


def tell_status(code: int) -> str:
    """Say how a process ended, from its exit code; negative ones are signals."""
    return f"it ended with signal {-code}" if code < 0 else f"it ended with exit status {code}"
