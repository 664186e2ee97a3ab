"""`grader watch`: when a file is saved, check it at once, and the exercises that use it too."""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from multiprocessing.connection import wait
from pathlib import Path

from rich.console import Console

from grader.course import Course
from grader.errors import GraderError, NotWatching
from grader.study.next_steps import advice
from grader.study.progress import course_progress
from grader.study.record import Sighting, record
from grader.study.state import load_state
from grader.study.stubs import is_untouched
from grader.study.watch.files import Files
from grader.study.watch.messages import Broken, Checked, Died, Done, Report, Step, WorkerReady
from grader.study.watch.screen import Screen
from grader.study.watch.warm import Warm

WAIT_SECONDS = 0.25


class Session:
    """One run of `grader watch`.

    Args:
        course: the course.
        course_file: the course's `course.yaml`.
        exercise: the exercise to watch, with those that it needs; all if None.
        console: where to show the results.
    """

    def __init__(self, course: Course, course_file: Path, exercise: str | None, console: Console) -> None:
        self._course = course
        every = [each.id for each in course.exercises]
        needed = every if exercise is None else [*course.all_needs(exercise), exercise]
        self._watched = [name for name in every if name in needed]
        self._files = Files(course, self._watched)
        quiet = max(course.by_id[name].limits.check for name in self._watched)
        self._warm = Warm(course_file, self._watched, quiet)
        self._screen = Screen(console, course, self._watched)
        self._pending: list[str] = []
        self._contents: dict[str, bytes | None] = {}
        self._since = time.monotonic()

    def run(self) -> None:
        """Watch the files until Ctrl-C.

        Raises:
            NotWatching: the checks can't be loaded.
        """
        try:
            with _ctrl_c() as pressed:
                self._watch(pressed)
        finally:
            self._files.close()
            self._warm.close()

    def _watch(self, stop: threading.Event) -> None:
        self._screen.begin()
        self._request([name for name in self._watched if self._is_begun(name)])
        while not stop.is_set():
            ready = wait([self._warm.connection, self._files.connection], WAIT_SECONDS)
            if self._files.connection in ready:
                self._saved(self._files.changed())
            if self._warm.connection in ready:
                self._hear(self._warm.receive())
            self._hear(self._warm.look())
            if self._pending and self._warm.is_ready:
                self._screen.busy(self._pending[0], time.monotonic() - self._since)

    def _saved(self, changed: Sequence[str]) -> None:
        if changed:
            self._screen.saved()
        gone = [name for name in changed if self._files.contents[name] is None]
        for name in gone:
            self._screen.missing(name)
        after = [n for n in self._watched if set(self._course.all_needs(n)) & set(changed) and self._is_begun(n)]
        there = [name for name in changed if name not in gone]
        left = [name for name in self._pending if name not in gone]
        if changed:
            self._request(list(dict.fromkeys([*there, *after, *left])))
        if gone and not self._pending:
            self._draw()

    def _request(self, exercises: list[str]) -> None:
        self._pending, self._since = exercises, time.monotonic()
        self._contents = dict(self._files.contents)
        if exercises:
            self._warm.check(exercises)
        elif self._warm.is_ready:
            self._draw()

    def _hear(self, report: Report | None) -> None:
        match report:
            case Broken(reason=reason):
                raise NotWatching(reason)
            case WorkerReady() if not self._pending:
                self._draw()
            case Step():
                self._screen.step(report)
            case Checked():
                self._checked(report)
            case Died(reason=reason) if self._pending:
                name, *rest = self._pending
                self._screen.died(name, reason)
                self._request_rest(rest)
            case Done():
                self._pending = []

    def _request_rest(self, rest: list[str]) -> None:
        self._draw()
        if rest:
            self._request(rest)
        self._pending = rest

    def _checked(self, report: Checked) -> None:
        name = report.exercise
        self._pending = [other for other in self._pending if other != name]
        notes: list[str] = []
        content = self._contents.get(name)
        if content is not None and not report.machine:
            sighting = Sighting(name, content, report.statuses, report.over_standins, tuple(report.mistakes))
            notes += _remember(self._course, sighting)
        passed = all(status == "passed" for status in report.statuses.values())
        self._screen.checked(name, report.lines, passed, notes, time.monotonic() - self._since)
        self._draw()

    def _draw(self) -> None:
        state = load_state(self._course, self._screen.note)
        exercises = course_progress(self._course, state)
        self._screen.draw(exercises, advice(self._course, state, exercises))

    def _is_begun(self, exercise: str) -> bool:
        content = self._files.contents[exercise]
        return content is not None and not is_untouched(self._course, exercise, content)


@contextlib.contextmanager
def _ctrl_c() -> Iterator[threading.Event]:
    """Yield an event that Ctrl-C sets.

    A `KeyboardInterrupt` in the middle of a print would leave rich's buffer open, and nothing could be shown any more.
    """
    pressed = threading.Event()
    before = signal.signal(signal.SIGINT, lambda *_: pressed.set())
    try:
        yield pressed
    finally:
        signal.signal(signal.SIGINT, before)


def _remember(course: Course, sighting: Sighting) -> list[str]:
    """Save the results; return sentences about them."""
    notes: list[str] = []
    try:
        passed = record(course, [sighting], notes.append)
    except GraderError as error:
        return [f"Progress was not saved: {error}"]
    return notes + [f"Checkpoint: {name}. Other ways to write it: grader solution {name}" for name in passed]
