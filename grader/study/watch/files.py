"""Watch the learner's files: however an editor saves, a file has changed if its content is different."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from multiprocessing.connection import Connection, Pipe

from grader.course import Course
from grader.errors import NotWatching
from grader.extras import require
from grader.study.folder import read, work

STEP_MILLISECONDS = 20
"""Saves in quicker succession count as one."""


class Files:
    """The files of some exercises.

    Args:
        course: the course.
        exercises: the ids of the exercises to watch.

    Raises:
        MissingPackage: watchfiles is not installed.
        NotWatching: there is no folder to watch.
    """

    def __init__(self, course: Course, exercises: Sequence[str]) -> None:
        require("Watching files needs", "", "watchfiles")
        import watchfiles

        if not course.stubs.is_dir():
            raise NotWatching(f"There is no folder {course.stubs} to watch. Create it, or go to the course's folder.")
        self._course, self._exercises = course, list(exercises)
        self._changes, self._speak = Pipe(duplex=False)
        self._stop = threading.Event()
        self._watch = watchfiles.watch(
            course.stubs,
            watch_filter=None,
            debounce=10 * STEP_MILLISECONDS,
            step=STEP_MILLISECONDS,
            stop_event=self._stop,
            rust_timeout=500,
            recursive=False,
            raise_interrupt=False,
        )
        self.contents = self._read()
        self._thread = threading.Thread(target=self._follow, name="files", daemon=True)
        self._thread.start()

    @property
    def connection(self) -> Connection:
        """Return the connection to wait for; when it is ready, call `changed`."""
        return self._changes

    def changed(self) -> list[str]:
        """List the exercises whose files changed since the last call, in course order."""
        while self._changes.poll():
            self._changes.recv_bytes()
        before, self.contents = self.contents, self._read()
        return [name for name in self._exercises if before[name] != self.contents[name]]

    def close(self) -> None:
        """Stop watching."""
        self._stop.set()
        self._thread.join(2)

    def _read(self) -> dict[str, bytes | None]:
        return {name: read(work(self._course, name)) for name in self._exercises}

    def _follow(self) -> None:
        for _ in self._watch:
            self._speak.send_bytes(b"changed")
