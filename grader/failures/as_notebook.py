"""A failure as the output of a notebook's cell: no file names, no commands, and lines that fit the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from grader.failures.as_text import Files
from grader.text import fitted

PAGE_WIDTH = 100
"""Characters that fit in a line of a notebook's page."""


@dataclass(frozen=True)
class Cells(Files):
    """What code and lessons are called in an exercise's notebook.

    Args:
        exercise: the exercise's id; the code for others is in files or in other notebooks.
    """

    exercise: str
    rerun: ClassVar[bool] = False

    def module(self, exercise: str) -> str:
        return "this notebook" if exercise == self.exercise else super().module(exercise)

    def absent(self, exercise: str) -> str:
        return f"code for {exercise}" if exercise == self.exercise else super().absent(exercise)

    def editor(self, exercise: str) -> str:
        return "the cells under `Your code`" if exercise == self.exercise else super().editor(exercise)

    def lesson(self, exercise: str) -> str:
        return "the lesson above" if exercise == self.exercise else super().lesson(exercise)


def on_a_page(lines: Sequence[str]) -> str:
    """Wrap lines, indenting what follows to the column where their text begins, and join them."""
    return "\n".join(part for line in lines for part in fitted(line, PAGE_WIDTH))


def in_red(status: str, text: str) -> str:
    """Put a status before a text, in capitals and in red."""
    return f"\x1b[31;1m{status.replace('_', ' ').upper()}\x1b[0m  {text}"
