"""Comments, scores and rubric items for a group of submissions that fail alike."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from grader.course import Course
from grader.course.yaml_file import YamlFile
from grader.grading.marks.entries import ByHand
from grader.grading.marks.rubric import items_of
from grader.grading.marks.scores import Override, problem_of_score
from grader.grading.results import RubricItem
from grader.grading.unnamed import SEPARATOR

ALIKE = "alike"
"""The section of the marks; its keys are the ids of groups, as the page about the class shows them."""


class _Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    comment: str = ""
    scores: list[Override] = []
    items: list[str] = []


@dataclass(frozen=True)
class GroupMarks:
    """What the marks say about a group, and the file that says it."""

    by_hand: ByHand
    file: YamlFile = field(compare=False)


def read_alike(course: Course, file: YamlFile, section: Any, rubric: Mapping[str, RubricItem]) -> dict[str, GroupMarks]:
    """Read the entries of groups, by the groups' ids; which groups there are isn't known before grading.

    Args:
        course: the course.
        file: the file that they are in.
        section: what the file has there.
        rubric: all rubric items, by id.

    Raises:
        ClassFileError: something is wrong; the message names the line.
    """
    entries = file.convert(section if section is not None else {}, dict[str, Any], [ALIKE])
    return {name: GroupMarks(_read(course, file, name, value, rubric), file) for name, value in entries.items()}


def _read(course: Course, file: YamlFile, name: str, value: Any, rubric: Mapping[str, RubricItem]) -> ByHand:
    keys = [ALIKE, name]
    exercise, separator, _ = name.rpartition(SEPARATOR)
    if not separator:
        raise file.complaint("write the id of a group as class.html shows it: an exercise, `-`, and 8 characters", keys)
    if exercise not in course.by_id:
        close = difflib.get_close_matches(exercise, course.by_id, 1)
        advice = f" (did you mean `{close[0]}`?)" if close else ""
        raise file.complaint(f"there is no exercise `{exercise}`{advice}", keys)
    entry = file.convert(value if value is not None else {}, _Entry, keys)
    scores: list[Override] = []
    for number, written in enumerate(entry.scores):
        override = msgspec.structs.replace(written, exercise=written.exercise or exercise)
        if override.exercise != exercise:
            problem = f"this group is about `{exercise}`, so its scores are, too"
        else:
            problem = problem_of_score(course, override, scores)
        if problem:
            raise file.complaint(problem, [*keys, "scores", number])
        scores.append(override)
    return ByHand(entry.comment.strip(), scores, items_of(file, rubric, entry.items, [*keys, "items"]))
