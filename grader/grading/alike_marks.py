"""Comments and manual scores for a group of submissions that fail alike: the section `alike` of the marks file."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import msgspec

from grader.course import Course
from grader.course.yaml_file import YamlFile
from grader.grading.class_files import ALIKE, MAX_NAMED, ByHand, Override, Register, is_section, read_marks_file
from grader.grading.class_files import problem_with as problem_with_score
from grader.grading.results import Results
from grader.grading.unnamed import SEPARATOR, UnnamedGroup, unnamed_groups
from grader.text import listed

TYPO = 0.7
"""How alike two digests must be for one of them to be a typing error; two by chance never are."""


@dataclass(frozen=True)
class AlikeMarks:
    """The comments and scores for groups, by the groups' ids, and the file that they are from."""

    by_group: Mapping[str, ByHand] = field(default_factory=dict)
    file: YamlFile | None = None


def read_alike_marks(course: Course, known: Collection[str], path: Path | None) -> AlikeMarks:
    """Read what an instructor's file of marks says about groups; which groups there are isn't known yet.

    Args:
        course: the whole course.
        known: the ids of all submissions.
        path: the file; None if there is none.

    Raises:
        ClassFileError: something is wrong; the message names the line.
    """
    if path is None:
        return AlikeMarks()
    file = read_marks_file(path)
    if not isinstance(file.data, dict) or not is_section(file.data, known):
        return AlikeMarks()
    section = file.convert(file.data[ALIKE] or {}, dict[str, Any], [ALIKE])
    return AlikeMarks({name: _read(course, file, name, value) for name, value in section.items()}, file)


def _read(course: Course, file: YamlFile, name: str, value: Any) -> ByHand:
    keys = [ALIKE, name]
    exercise, separator, _ = name.rpartition(SEPARATOR)
    if not separator:
        raise file.complaint("write the id of a group as class.html shows it: an exercise, `-`, and 8 characters", keys)
    if exercise not in course.by_id:
        close = difflib.get_close_matches(exercise, course.by_id, 1)
        advice = f" (did you mean `{close[0]}`?)" if close else ""
        raise file.complaint(f"there is no exercise `{exercise}`{advice}", keys)
    by_hand = file.convert(value if value is not None else {}, ByHand, keys)
    before: list[Override] = []
    for number, written in enumerate(by_hand.scores):
        override = msgspec.structs.replace(written, exercise=written.exercise or exercise)
        problem = (
            f"this group is about `{exercise}`, so its scores are, too"
            if override.exercise != exercise
            else problem_with_score(course, override, before)
        )
        if problem:
            raise file.complaint(problem, [*keys, "scores", number])
        before.append(override)
    return ByHand(by_hand.comment, before)


def with_alike_marks(
    register: Register, marks: AlikeMarks, course: Course, results: Results, some_are_missing: bool = False
) -> Register:
    """Give the comment and the scores of each group to all submissions in it.

    What the instructor wrote for a single submission comes first, and its scores in an exercise replace the group's.

    Args:
        register: what the instructor's files say about single submissions.
        marks: what they say about groups.
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
    for name, of_group in marks.by_group.items():
        exercise = name.rpartition(SEPARATOR)[0]
        if exercise not in course.by_id:
            continue
        if name not in by_id:
            remarks += [] if some_are_missing else [_gone(name, groups, marks)]
            continue
        group = by_id[name]
        if group.id in seen:
            assert marks.file is not None
            same = f"`{name}` and `{seen[group.id]}` are the same group; write both as one"
            raise marks.file.complaint(same, [ALIKE, name])
        seen[group.id] = name
        title = course.by_id[exercise].title
        own = [member for member in group.submissions if of_group.scores and _has_score(by_hand.get(member), exercise)]
        if own:
            remarks.append(
                f"The scores of the group {name} don't count for those who have their own in {exercise}: "
                f"{listed(own, MAX_NAMED)}."
            )
        for member in group.submissions:
            scores = [] if member in own else of_group.scores
            by_hand[member] = _together(by_hand.get(member, ByHand()), title, of_group.comment, scores)
    return replace(register, by_hand=by_hand, remarks=remarks)


def _gone(name: str, groups: Iterable[UnnamedGroup], marks: AlikeMarks) -> str:
    """Say that nobody is in a group.

    Raises:
        ClassFileError: its id is nearly that of another group.
    """
    exercise, _, text = name.rpartition(SEPARATOR)
    others = {known.rpartition(SEPARATOR)[2]: known for g in groups if g.exercise == exercise for known in g.ids}
    close = difflib.get_close_matches(text, others, 1, TYPO)
    assert marks.file is not None
    if close:
        raise marks.file.complaint(f"there is no group `{name}` (did you mean `{others[close[0]]}`?)", [ALIKE, name])
    return f"{marks.file.path}: nobody fails like {name} (any more), so what it says there reaches nobody."


def _has_score(by_hand: ByHand | None, exercise: str) -> bool:
    """Say whether a submission has its own manual score in an exercise, or a manual total."""
    return by_hand is not None and any(score.exercise in (None, exercise) for score in by_hand.scores)


def _together(by_hand: ByHand, title: str, comment: str, scores: Sequence[Override]) -> ByHand:
    parts = [by_hand.comment.strip(), f"{title}: {comment.strip()}" if comment.strip() else ""]
    return ByHand("\n\n".join(part for part in parts if part), [*by_hand.scores, *scores])
