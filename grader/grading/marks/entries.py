"""What the marks say about one submission."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import msgspec

from grader.course import Course
from grader.course.yaml_file import Keys, YamlFile
from grader.grading.marks.scores import Override, problem_of_score
from grader.grading.results import RubricItem


class ByHand(msgspec.Struct, frozen=True):
    """The instructor's comment, manual scores, rubric items and answers for one submission.

    `answers` are by question, or by check. `members` has the marks of single members of a group, complete.
    """

    comment: str = ""
    scores: Sequence[Override] = []
    items: Sequence[RubricItem] = []
    answers: dict[str, str] = {}
    members: dict[str, ByHand] = {}

    def only(self, exercises: Collection[str]) -> ByHand:
        """Return what is about some exercises."""
        return msgspec.structs.replace(
            self,
            scores=[override for override in self.scores if override.exercise in exercises],
            items=[item for item in self.items if item.exercise in exercises],
            members={name: member.only(exercises) for name, member in self.members.items()},
        )

    @property
    def exercises(self) -> set[str]:
        """The exercises that have a manual score or a rubric item."""
        named = [*(score.exercise for score in self.scores), *(item.exercise for item in self.items)]
        of_members = (exercise for member in self.members.values() for exercise in member.exercises)
        return {exercise for exercise in (*named, *of_members) if exercise is not None}

    @property
    def has_total(self) -> bool:
        """Whether the total is set by hand."""
        return any(score.exercise is None for score in self.scores)

    @property
    def total_items(self) -> list[RubricItem]:
        """The rubric items for the total."""
        return [item for item in self.items if item.exercise is None]


class MemberEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An entry for one member of a group; what isn't there is as for the group."""

    comment: str | None = None
    scores: list[Override] | None = None
    items: list[str] | None = None


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An entry as it is written: rubric items are listed by their ids."""

    comment: str = ""
    scores: list[Override] = []
    items: list[str] = []
    answers: dict[str, str | None] = {}
    members: dict[str, MemberEntry | None] = {}


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
    _check_scores(course, file, entry.scores, [name])
    for member, own in entry.members.items():
        _check_scores(course, file, (own.scores if own is not None else None) or [], [name, "members", member])
    return entry


def _check_scores(course: Course, file: YamlFile, scores: Sequence[Override], keys: Keys) -> None:
    for number, override in enumerate(scores):
        problem = problem_of_score(course, override, scores[:number])
        if problem:
            raise file.complaint(problem, [*keys, "scores", number])
