"""A time limit for code in this process, without signals, so that it works on every platform.

A thread interrupts the main thread, as Ctrl-C does. Waiting for a processor doesn't count. Code that catches every
exception can ignore that. For a grade, the other side of the port therefore has its own deadline, in wall time, and
ends the process.
"""

from __future__ import annotations

import _thread
import contextlib
import math
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from types import FrameType

from grader.learner.far import Far
from grader.learner.late_imports import import_for
from grader.learner.processor import CLOCK
from grader.wire.requests import AnyRequest, Reply, Stopped

GRACE = 0.5
"""Seconds that the other side of the port waits beyond its limit before it ends the process."""
WALL = 3.0
"""How many times the limit that side waits, because on a busy machine the code may get a third of a processor."""


def wall_limit(seconds: float) -> float:
    """Return how long to wait for code that may run for a number of seconds."""
    return WALL * seconds + GRACE


class TimedFar:
    """Answers requests as `Far` does, but stops the learner's code when its time is up."""

    def __init__(self, far: Far) -> None:
        self.far = far

    def answer(self, requests: Sequence[AnyRequest], seconds: float) -> list[Reply]:
        """Answer the requests; if they take more than `seconds` together, return a single `Stopped`.

        An answer after that doesn't count. In a debugger, and outside the main thread, nothing is stopped.
        """
        if sys.gettrace() is not None or threading.current_thread() is not threading.main_thread():
            return self.far.answer(requests)
        import_for(requests)
        try:
            _WATCHDOG.start(seconds)
            replies = self.far.answer(requests)
            _WATCHDOG.stop()
            # Code can catch the interrupt and answer all the same.
            return [Stopped([])] if _WATCHDOG.fired else replies
        except KeyboardInterrupt as interrupt:
            if not _WATCHDOG.fired:
                raise
            return [Stopped(self.far.workspace.frames(interrupt.__traceback__)[-4:])]
        finally:
            _WATCHDOG.stop()


class TimeIsUp(Exception):
    """The code ran longer than its limit and was stopped; the traceback shows at which line."""


@contextlib.contextmanager
def limited(seconds: float) -> Iterator[Callable[[], None]]:
    """Stop the code in the block after `seconds`; the function that this yields restarts the clock.

    In a debugger, and outside the main thread, nothing is stopped.

    Raises:
        TimeIsUp: the code was stopped.
    """
    if sys.gettrace() is not None or threading.current_thread() is not threading.main_thread():
        yield lambda: None
        return
    try:
        _WATCHDOG.start(seconds)
        yield lambda: _WATCHDOG.start(seconds)
        _WATCHDOG.stop()
    except KeyboardInterrupt as interrupt:
        if not _WATCHDOG.fired:
            raise
        raise TimeIsUp().with_traceback(interrupt.__traceback__) from None
    finally:
        _WATCHDOG.stop()


def ignore_ctrl_c() -> None:
    """Leave Ctrl-C to the process that started this one; calls whose time is up are still stopped."""
    signal.signal(signal.SIGINT, _interrupt_if_fired)


def _interrupt_if_fired(number: int, frame: FrameType | None) -> None:
    if _WATCHDOG.fired:
        raise KeyboardInterrupt


class _Watchdog:
    """A daemon thread with one deadline at a time; one thread is enough, because only the main thread is timed."""

    def __init__(self) -> None:
        self.fired = False
        self._deadline: float | None = None
        self._wakes = math.inf
        # `stop` takes the lock directly, which is cheaper than the condition, because there are thousands of questions.
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self._thread: threading.Thread | None = None

    def start(self, seconds: float) -> None:
        with self._lock:
            self.fired = False
            CLOCK.start()
            self._deadline = CLOCK.now() + seconds
            if self._thread is None or not self._thread.is_alive():
                if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
                    # After `nohup` or a shell's `&`, interrupts are ignored, and would stop nothing.
                    ignore_ctrl_c()
                self._thread = threading.Thread(target=self._watch, name="time limit", daemon=True)
                self._thread.start()
            # Waking the thread for each of hundreds of calls would cost more than the calls themselves.
            if self._deadline < self._wakes:
                self._changed.notify()

    def stop(self) -> None:
        with self._lock:
            self._deadline = None

    def _watch(self) -> None:
        with self._changed:
            while True:
                now = CLOCK.now()
                if self._deadline is None or self._deadline > now:
                    self._wakes = math.inf if self._deadline is None else self._deadline
                    self._changed.wait(None if self._deadline is None else self._deadline - now)
                    continue
                self._deadline = None
                self.fired = True
                _thread.interrupt_main()


_WATCHDOG = _Watchdog()
