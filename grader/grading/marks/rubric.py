"""The rubric: items with points and a text, each written once, and listed by id for the submissions that it's about."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from grader.course import Course
from grader.course.yaml_file import YamlFile
from grader.grading.results import RubricItem
from grader.grading.unknown import unknown

RUBRIC = "rubric"
"""The section of the marks."""


class _Item(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    points: float
    text: str
    exercise: str | None = None


def read_rubric(course: Course, file: YamlFile, section: Any) -> dict[str, RubricItem]:
    """Read the items of a rubric, by id.

    Args:
        course: the course.
        file: the file that it is in.
        section: what the file has there.

    Raises:
        ClassFileError: an item is wrong; the message names the line.
    """
    items: dict[str, RubricItem] = {}
    for name, value in file.convert(section if section is not None else {}, dict[str, Any], [RUBRIC]).items():
        item = file.convert(value, _Item, [RUBRIC, name])
        problem = ""
        if not math.isfinite(item.points):
            problem = "the points must be a number; below 0, they are taken off"
        elif not item.text.strip():
            problem = "an item needs a text, which the student reads"
        elif item.exercise is not None and item.exercise not in course.by_id:
            problem = unknown("exercise", item.exercise, list(course.by_id))
        if problem:
            raise file.complaint(problem, [RUBRIC, name])
        items[name] = RubricItem(name, item.exercise, item.points, item.text.strip())
    return items


def items_of(
    file: YamlFile, rubric: Mapping[str, RubricItem], names: Sequence[str], keys: Sequence[str | int]
) -> list[RubricItem]:
    """Return the items that a submission lists, in the order of the rubric.

    Args:
        file: the file in which they are listed.
        rubric: all items, by id.
        names: the ids that are listed.
        keys: the keys that lead to them.

    Raises:
        ClassFileError: there is no such item, or one is listed twice; the message names the line.
    """
    for number, name in enumerate(names):
        if name not in rubric:
            raise file.complaint(unknown("rubric item", name, list(rubric)), [*keys, number])
        if name in names[:number]:
            raise file.complaint(f"`{name}` is listed twice, and counts once; remove one of the two", [*keys, number])
    return [item for name, item in rubric.items() if name in names]
