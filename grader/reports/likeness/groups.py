"""Groups of submissions that are alike: in an exercise, students who are connected by pairs are one group."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

MOST_LINES = 400
"""Lines of a program that are shown; a real answer has far fewer."""


@dataclass(frozen=True)
class Line:
    """A line of a program, and whether it's part of a passage that the other program has too."""

    text: str
    shared: bool


@dataclass(frozen=True)
class Alike:
    """Two submissions that are alike in an exercise.

    Attributes:
        exercise: the exercise's id.
        first: the id of a submission.
        second: the id of the other one.
        share: the share of one program's own code that is also in the other, between 0 and 1. Own code is what isn't
            in the course's material and isn't common in the class.
        wrong: the same wrong answer, in words; empty if there is none that only few students gave.
        first_lines: the first submission's program.
        second_lines: the second submission's program.
    """

    exercise: str
    first: str
    second: str
    share: float
    wrong: str = ""
    first_lines: Sequence[Line] = ()
    second_lines: Sequence[Line] = ()

    def other(self, student: str) -> str:
        """Return the other one of the two."""
        return self.second if student == self.first else self.first


@dataclass(frozen=True)
class Group:
    """Submissions that are connected by pairs that are alike, in one or more exercises.

    Attributes:
        members: their ids, in the order of the submissions.
        pairs: all pairs, the most telling first.
    """

    members: tuple[str, ...]
    pairs: tuple[Alike, ...]

    @property
    def exercises(self) -> tuple[str, ...]:
        """The exercises in which some of them are alike."""
        return tuple(dict.fromkeys(pair.exercise for pair in self.pairs))

    def most_similar(self, student: str, exercise: str) -> Alike | None:
        """Return a member's most telling pair in an exercise."""
        return next(
            (pair for pair in self.pairs if pair.exercise == exercise and student in (pair.first, pair.second)), None
        )

    def shown(self) -> list[Alike]:
        """List, for each exercise, each member with its most similar one; two who are each other's appear once."""
        pairs = [self.most_similar(student, exercise) for exercise in self.exercises for student in self.members]
        chosen = {id(pair) for pair in pairs if pair is not None}
        return [pair for pair in self.pairs if id(pair) in chosen]


@dataclass(frozen=True)
class Likeness:
    """The groups that are alike, the most telling first.

    Attributes:
        groups: the groups.
        remarks: sentences about what isn't compared or doesn't count.
        compared: whether the submissions were compared at all.
    """

    groups: tuple[Group, ...] = ()
    remarks: tuple[str, ...] = ()
    compared: bool = True

    @property
    def pairs(self) -> tuple[Alike, ...]:
        """All pairs of all groups."""
        return tuple(pair for group in self.groups for pair in group.pairs)


def grouped(pairs: Iterable[Alike], order: Sequence[str]) -> tuple[Group, ...]:
    """Combine pairs into groups: in each exercise, students who are connected by pairs.

    Groups with the same members in several exercises are one group. Others are not combined, because one student in
    common would soon connect half of a class.

    Args:
        pairs: the pairs.
        order: the ids of the submissions; members of a group are in this order.
    """
    position = {name: number for number, name in enumerate(order)}
    # Two who gave the same rare wrong answer come before two who gave the same right one.
    ranked = sorted(pairs, key=lambda pair: (not pair.wrong, -pair.share, pair.exercise, pair.first, pair.second))
    group_of: dict[tuple[str, str], list[str]] = {}
    for pair in ranked:
        keys = [(pair.exercise, name) for name in (pair.first, pair.second)]
        first, second = (group_of.setdefault(key, [key[1]]) for key in keys)
        if first is not second:
            first += second
            group_of |= {(pair.exercise, name): first for name in second}
    pairs_of: dict[tuple[str, ...], list[Alike]] = {}
    for pair in ranked:
        members = tuple(sorted(group_of[pair.exercise, pair.first], key=position.__getitem__))
        pairs_of.setdefault(members, []).append(pair)
    # In the order of their most telling pairs, since the pairs are ranked.
    return tuple(Group(members, tuple(of_group)) for members, of_group in pairs_of.items())
