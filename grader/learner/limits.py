"""A time limit for the code of this process, without signals: it works on every platform.

A thread interrupts the main thread as Ctrl-C would. Code that swallows every exception can outlast it; where a grade
is at stake, the other side of the port therefore has a deadline of its own and ends the process.
"""

from __future__ import annotations

import _thread
import math
import sys
import threading
import time
from collections.abc import Sequence

from grader.learner.far import Far
from grader.learner.requests import AnyRequest, Reply, Stopped

GRACE = 0.5


class TimedFar:
    """Answers requests as `Far` does, but stops the learner's code when its time is over."""

    def __init__(self, far: Far) -> None:
        self.far = far
        self._watchdog = _Watchdog()

    def answer(self, requests: Sequence[AnyRequest], seconds: float) -> list[Reply]:
        """Answer the requests within so many seconds; the last reply is `Stopped` where that was not enough."""
        if sys.gettrace() is not None or threading.current_thread() is not threading.main_thread():
            return self.far.answer(requests)
        self._watchdog.start(seconds)
        try:
            replies = self.far.answer(requests)
            self._watchdog.stop()
            return replies
        except KeyboardInterrupt as interrupt:
            if not self._watchdog.fired:
                raise
            return [Stopped(self.far.workspace.frames(interrupt.__traceback__)[-4:])]
        finally:
            self._watchdog.stop()


class _Watchdog:
    """A daemon thread with one deadline at a time."""

    def __init__(self) -> None:
        self.fired = False
        self._deadline: float | None = None
        self._wakes = math.inf
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def start(self, seconds: float) -> None:
        with self._changed:
            self.fired = False
            self._deadline = time.monotonic() + seconds
            if self._thread is None:
                self._thread = threading.Thread(target=self._watch, name="time limit", daemon=True)
                self._thread.start()
            # Calls follow one another by the hundred: waking the thread for each would cost more than they do.
            if self._deadline < self._wakes:
                self._changed.notify()

    def stop(self) -> None:
        with self._changed:
            self._deadline = None

    def _watch(self) -> None:
        with self._changed:
            while True:
                now = time.monotonic()
                if self._deadline is None or self._deadline > now:
                    self._wakes = math.inf if self._deadline is None else self._deadline
                    self._changed.wait(None if self._deadline is None else self._deadline - now)
                    continue
                self._deadline = None
                self.fired = True
                _thread.interrupt_main()
