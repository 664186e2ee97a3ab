"""A clock that stands still while this process is ready to run and another one has the processor.

On a busy machine, a right answer then has as much time as on a quiet one. Linux says how long a thread has waited; on
other systems, the clock never stands still.
"""

from __future__ import annotations

import os
import sys
import time

_FILE = "/proc/thread-self/schedstat"
"""Three numbers about the thread that opened it: nanoseconds on a processor, nanoseconds of waiting for one, turns."""


class ProcessorClock:
    """Seconds in which the thread that called `start` didn't have to wait for a processor."""

    def __init__(self) -> None:
        self._opened: tuple[int, int] | None = None

    def start(self) -> None:
        """Measure the thread that calls this; in a fork, call it again."""
        if sys.platform == "linux" and (self._opened is None or self._opened[0] != os.getpid()):
            try:
                self._opened = (os.getpid(), os.open(_FILE, os.O_RDONLY))
            except OSError:
                self._opened = None

    def now(self) -> float:
        """Return the time, in seconds since any moment."""
        return time.monotonic() - self.waited()

    def waited(self) -> float:
        """Return the seconds of waiting for a processor so far; 0 if nobody counts them."""
        try:
            return 0.0 if self._opened is None else int(os.pread(self._opened[1], 100, 0).split()[1]) / 1e9
        except (OSError, ValueError, IndexError):
            return 0.0


CLOCK = ProcessorClock()
"""The clock for the learner's code, which runs in the main thread."""
