"""Modules with known mistakes, made from the catalog, to compare with a learner's modules."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

from grader.course import Course
from grader.course.mistakes import Misconception, apply, edited, misconceptions
from grader.errors import CourseError
from grader.files import short_digest
from grader.port import InProcess, Workspace

MAX_TEMPORARY = 32


class Variants:
    """The solution of an exercise, and modules with its known mistakes, single or combined.

    They use stand-ins for the modules that the exercise needs. They are our own code, and run in this process.
    """

    def __init__(self, course: Course, exercise: str) -> None:
        self.misconceptions: Mapping[str, Misconception] = {
            variant.key: variant for mistake in misconceptions(course, exercise) for variant in mistake.variants
        }
        self._exercise = exercise
        path = course.solutions / f"{exercise}.py"
        self._solution = path.read_text(encoding="utf-8") if self.misconceptions else ""
        self._needed = {needed: course.standins / f"{needed}.py" for needed in course.all_needs(exercise)}
        self._folder = tempfile.TemporaryDirectory(prefix="misconceptions-")
        self._opened: dict[tuple[str, ...], InProcess] = {}
        self._combines: dict[tuple[str, ...], bool] = {}

    def open(self, *names: str) -> InProcess:
        """Return a transport to the solution with these mistakes in it, or to the solution itself if there are none.

        Args:
            names: keys of mistakes; if a mistake's values are numbers, any other number can follow the `=`.

        Raises:
            CourseError: the mistakes change the same lines, and can't be combined.
        """
        if names not in self._opened:
            if self._is_temporary(names):
                self._close_the_oldest()
                # There are thousands of these. Whether they are valid Python shows when they are imported.
                text = edited(self._solution, *map(self.mistake, names))
            else:
                text = apply(self._solution, *map(self.mistake, names))
            name = "_and_".join(names) or "right"
            self._opened[names] = self.add(text, name if name.isidentifier() else short_digest(name))
        return self._opened[names]

    def mistake(self, key: str) -> Misconception:
        """Return a mistake by its key, with whatever value the key has."""
        if key in self.misconceptions:
            return self.misconceptions[key]
        name, _, value = key.partition("=")
        return self.misconceptions[name].with_value(value)

    def _is_temporary(self, names: tuple[str, ...]) -> bool:
        """Say whether these are a combination, or have a value that isn't in the catalog: there are many of those."""
        return len(names) > 1 or any(name not in self.misconceptions for name in names)

    def _close_the_oldest(self) -> None:
        """Close the oldest temporary module if too many are open, because each makes every import a little slower."""
        temporary = [names for names in self._opened if self._is_temporary(names)]
        if len(temporary) >= MAX_TEMPORARY:
            self._opened.pop(temporary[0]).close()

    def combines(self, *names: str) -> bool:
        """Say whether mistakes can be combined."""
        if names not in self._combines:
            try:
                apply(self._solution, *map(self.mistake, names))
            except CourseError:
                self._combines[names] = False
            else:
                self._combines[names] = True
        return self._combines[names]

    def add(self, text: str, name: str) -> InProcess:
        """Return a transport to a module with this text, in place of the exercise's module."""
        path = Path(self._folder.name) / f"{self._exercise}_{name}.py"
        path.write_text(text, encoding="utf-8")
        return InProcess(Workspace(self._needed | {self._exercise: path}))

    def close(self) -> None:
        """Close all modules, and delete their files."""
        for transport in self._opened.values():
            transport.close()
        self._folder.cleanup()
