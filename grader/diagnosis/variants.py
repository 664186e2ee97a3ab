"""The misconceptions themselves, where the catalogue is at hand: modules that answer what a learner's was asked."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

from grader.course import Course
from grader.course.mistakes import Misconception, apply, misconceptions
from grader.errors import CourseError
from grader.port import InProcess, Workspace

MAX_COMBINATIONS = 32


class Variants:
    """The answer to an exercise and its misconceptions, single and combined, over stand-ins for what it needs.

    They are our own code and run in this process.
    """

    def __init__(self, course: Course, exercise: str) -> None:
        self.misconceptions: Mapping[str, Misconception] = {m.name: m for m in misconceptions(course, exercise)}
        self._exercise = exercise
        path = course.solutions / f"{exercise}.py"
        self._solution = path.read_text(encoding="utf-8") if self.misconceptions else ""
        self._needed = {needed: course.standins / f"{needed}.py" for needed in course.all_needs(exercise)}
        self._folder = tempfile.TemporaryDirectory(prefix="misconceptions-")
        self._opened: dict[tuple[str, ...], InProcess] = {}

    def open(self, *names: str) -> InProcess:
        """Return the transport to the answer with the misconceptions named in it; with none named, the answer's own.

        Raises:
            CourseError: they change the same lines and cannot be combined.
        """
        if names not in self._opened:
            if len(names) > 1:
                self._close_a_combination()
            self._opened[names] = self.add(self._text(names), "_and_".join(names) or "right")
        return self._opened[names]

    def _text(self, names: tuple[str, ...]) -> str:
        return apply(self._solution, *(self.misconceptions[name] for name in names))

    def _close_a_combination(self) -> None:
        """Keep only so many combinations open: there are many, and each makes every import a little slower."""
        combinations = [names for names in self._opened if len(names) > 1]
        if len(combinations) >= MAX_COMBINATIONS:
            self._opened.pop(combinations[0]).close()

    def combines(self, *names: str) -> bool:
        """Say whether misconceptions can be combined."""
        try:
            self._text(names)
        except CourseError:
            return False
        return True

    def add(self, text: str, name: str) -> InProcess:
        """Return the transport to any text in the place of the exercise's module."""
        path = Path(self._folder.name) / f"{self._exercise}_{name}.py"
        path.write_text(text, encoding="utf-8")
        return InProcess(Workspace(self._needed | {self._exercise: path}))

    def close(self) -> None:
        """Take everything off the shelf."""
        for transport in self._opened.values():
            transport.close()
        self._folder.cleanup()
