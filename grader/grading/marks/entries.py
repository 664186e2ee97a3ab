"""What the marks say about one submission."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from grader.course import Course
from grader.course.yaml_file import YamlFile
from grader.grading.marks.scores import Override, problem_of_score
from grader.grading.results import RubricItem


class ByHand(msgspec.Struct, frozen=True):
    """The instructor's comment, manual scores, rubric items and answers for one submission.

    `answers` are by question, or by check.
    """

    comment: str = ""
    scores: Sequence[Override] = []
    items: Sequence[RubricItem] = []
    answers: dict[str, str] = {}

    @property
    def exercises(self) -> set[str]:
        """The exercises that have a manual score or a rubric item."""
        named = [*(score.exercise for score in self.scores), *(item.exercise for item in self.items)]
        return {exercise for exercise in named if exercise is not None}

    @property
    def has_total(self) -> bool:
        """Whether the total is set by hand."""
        return any(score.exercise is None for score in self.scores)

    @property
    def total_items(self) -> list[RubricItem]:
        """The rubric items for the total."""
        return [item for item in self.items if item.exercise is None]


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An entry as it is written: rubric items are listed by their ids."""

    comment: str = ""
    scores: list[Override] = []
    items: list[str] = []
    answers: dict[str, str | None] = {}


def read_entry(course: Course, file: YamlFile, name: str, value: Any) -> Entry:
    """Read the entry of a submission.

    Args:
        course: the course.
        file: the file that it is in.
        name: its key in the file.
        value: what the file has there.

    Raises:
        ClassFileError: something in it is wrong; the message names the line.
    """
    filled_in = {key: part for key, part in value.items() if part is not None} if isinstance(value, dict) else value
    entry = file.convert(filled_in if filled_in is not None else {}, Entry, [name])
    for number, override in enumerate(entry.scores):
        problem = problem_of_score(course, override, entry.scores[:number])
        if problem:
            raise file.complaint(problem, [name, "scores", number])
    return entry
