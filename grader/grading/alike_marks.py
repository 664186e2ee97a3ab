"""Gives the marks for a group of submissions that fail alike to all of them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import replace

import msgspec

from grader.course import Course
from grader.grading.class_files import Register
from grader.grading.marks import ByHand, Override
from grader.grading.marks.alike import ALIKE, GroupMarks
from grader.grading.results import Results, RubricItem
from grader.grading.unknown import MAX_NAMED
from grader.grading.unnamed import SEPARATOR, UnnamedGroup, unnamed_groups
from grader.text import listed

TYPO = 0.7
"""How alike two digests must be for one of them to be a typing error; two by chance never are."""


def with_alike_marks(register: Register, course: Course, results: Results, some_are_missing: bool = False) -> Register:
    """Give the comment, the scores and the rubric items of each group to all submissions in it.

    What the instructor wrote for a single submission comes first, and its scores in an exercise replace the group's.

    Args:
        register: what the instructor's files say about single submissions and about groups.
        course: the course, or the part of it that was graded; other exercises are left out.
        results: the results, from which follows who fails alike.
        some_are_missing: whether there are submissions that were not graded, so that a group may be among those.

    Raises:
        ClassFileError: a group doesn't exist but another one has nearly its id, or two ids are of the same group.
    """
    groups = unnamed_groups(results)
    by_id = {name: group for group in groups for name in group.ids}
    by_hand, remarks = dict(register.by_hand), list(register.remarks)
    seen: dict[str, str] = {}
    for name, marks in register.alike.items():
        exercise = name.rpartition(SEPARATOR)[0]
        if exercise not in course.by_id:
            continue
        if name not in by_id:
            remarks += [] if some_are_missing else [_gone(name, groups, marks)]
            continue
        group = by_id[name]
        if group.id in seen:
            same = f"`{name}` and `{seen[group.id]}` are the same group; write both as one"
            raise marks.file.complaint(same, [ALIKE, name])
        seen[group.id] = name
        of_group, title = marks.by_hand, course.by_id[exercise].title
        own = [member for member in group.submissions if of_group.scores and _has_score(by_hand.get(member), exercise)]
        if own:
            remarks.append(
                f"The scores of the group {name} don't count for those who have their own in {exercise}: "
                f"{listed(own, MAX_NAMED)}."
            )
        for member in group.submissions:
            scores = [] if member in own else of_group.scores
            by_hand[member] = _together(by_hand.get(member, ByHand()), title, of_group, scores)
    return replace(register, by_hand=by_hand, remarks=remarks)


def _gone(name: str, groups: Iterable[UnnamedGroup], marks: GroupMarks) -> str:
    """Say that nobody is in a group.

    Raises:
        ClassFileError: its id is nearly that of another group.
    """
    exercise, _, text = name.rpartition(SEPARATOR)
    others = {known.rpartition(SEPARATOR)[2]: known for g in groups if g.exercise == exercise for known in g.ids}
    close = difflib.get_close_matches(text, others, 1, TYPO)
    if close:
        raise marks.file.complaint(f"there is no group `{name}` (did you mean `{others[close[0]]}`?)", [ALIKE, name])
    return f"{marks.file.path}: nobody fails like {name} (any more), so what it says there reaches nobody."


def _has_score(by_hand: ByHand | None, exercise: str) -> bool:
    """Say whether a submission has its own manual score in an exercise, or a manual total."""
    return by_hand is not None and any(score.exercise in (None, exercise) for score in by_hand.scores)


def _together(by_hand: ByHand, title: str, of_group: ByHand, scores: Sequence[Override]) -> ByHand:
    parts = [by_hand.comment.strip(), f"{title}: {of_group.comment}" if of_group.comment else ""]
    comment = "\n\n".join(part for part in parts if part)
    return msgspec.structs.replace(
        by_hand,
        comment=comment,
        scores=[*by_hand.scores, *scores],
        items=[*by_hand.items, *_missing(by_hand.items, of_group.items)],
    )


def _missing(items: Sequence[RubricItem], more: Sequence[RubricItem]) -> list[RubricItem]:
    """Return the items that aren't there already, because an item counts once."""
    return [item for item in more if item not in items]
