"""Reads the files of marks, and combines them: what one file leaves empty, another one may say."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

import msgspec

from grader.course import Course
from grader.course.yaml_file import Keys, YamlFile
from grader.errors import ClassFileError
from grader.files import reason
from grader.grading.marks.alike import ALIKE, GroupMarks, read_alike
from grader.grading.marks.answers import ANSWERS, key_of_answer, read_answers
from grader.grading.marks.entries import ByHand, Entry, read_entry
from grader.grading.marks.rubric import RUBRIC, items_of, read_rubric
from grader.grading.results import RubricItem
from grader.grading.unknown import unknown
from grader.tables import composed

MEMBERS = "members"
SECTIONS = (RUBRIC, ANSWERS, ALIKE)
"""The keys on top of a file that are no submissions."""
Value = TypeVar("Value")


@dataclass(frozen=True)
class Marks:
    """What the files say together.

    Attributes:
        by_hand: comments, scores, rubric items and answers, by submission.
        answers: answers to everybody who asked about a check, by exercise and check.
        alike: what is for all submissions that fail alike, by the id of their group.
    """

    by_hand: Mapping[str, ByHand] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)
    alike: Mapping[str, GroupMarks] = field(default_factory=dict)


NO_MARKS = Marks()


class _Combined(Generic[Value]):
    """Values from several files; two files may not say different things."""

    def __init__(self) -> None:
        self.values: dict[Hashable, Value] = {}
        self._files: dict[Hashable, Path] = {}

    def put(self, key: Hashable, value: Value, file: YamlFile, keys: Keys) -> None:
        if key in self.values and self.values[key] != value:
            other = self._files[key]
            where = f"{other} says something else about it" if other != file.path else "this file has it twice"
            raise file.complaint(f"{where}; keep one of the two", keys)
        self.values.setdefault(key, value)
        self._files.setdefault(key, file.path)


def read_text(path: Path) -> str:
    """Read a text file of the instructor's.

    Raises:
        ClassFileError: it cannot be read.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ClassFileError(f"{path} cannot be read ({reason(error)}). Give a text file in UTF-8.") from None


def read_marks(course: Course, known: Sequence[str], paths: Sequence[Path], others: Mapping[str, str]) -> Marks:
    """Read the files of marks.

    Args:
        course: the course.
        known: the ids of all known submissions.
        paths: the files.
        others: what else a submission may be called in the files, such as by its pseudonym: the id by that name.

    Raises:
        ClassFileError: a file cannot be read, something in it is wrong, or two files disagree; the message names the
            line.
    """
    files = [YamlFile(path, read_text(path), ClassFileError) for path in paths]
    contents = [file.convert(file.data if file.data is not None else {}, dict[str, Any]) for file in files]
    rubric, answers = _Combined[RubricItem](), _Combined[str]()
    for file, content in zip(files, contents, strict=True):
        for section in SECTIONS:
            if section in content and section in known:
                raise file.complaint(
                    f"`{section}` is a section of this file and also a submission; rename its folder", [section]
                )
        for name, item in read_rubric(course, file, content.get(RUBRIC)).items():
            rubric.put(name, item, file, [RUBRIC, name])
        for written, check, text in read_answers(course, file, content.get(ANSWERS)):
            answers.put(check, text, file, [ANSWERS, written])
    items = {str(name): item for name, item in rubric.values.items()}
    groups, alike = _Combined[ByHand](), dict[str, GroupMarks]()
    for file, content in zip(files, contents, strict=True):
        for group, marks in read_alike(course, file, content.get(ALIKE), items).items():
            groups.put(group, marks.by_hand, file, [ALIKE, group])
            alike.setdefault(group, marks)
    names = {**others, **{composed(submission): submission for submission in known}}
    entries = _Combined[Any]()
    for file, content in zip(files, contents, strict=True):
        for written, value in content.items():
            if written in SECTIONS:
                continue
            name = names.get(composed(written), written)
            if name not in known:
                raise file.complaint(unknown("submission", written, known, also=SECTIONS), [written])
            entry = read_entry(course, file, written, value)
            _combine(entries, course, items, file, written, name, entry)
    return Marks(_by_submission(entries), {str(check): text for check, text in answers.values.items()}, alike)


def _combine(
    entries: _Combined[Any],
    course: Course,
    items: Mapping[str, RubricItem],
    file: YamlFile,
    written: str,
    name: str,
    entry: Entry,
) -> None:
    """Add what an entry says to what other files say about the submission; what is empty says nothing."""
    entries.values.setdefault((name, ""), None)
    if entry.comment.strip():
        entries.put((name, "comment"), entry.comment.strip(), file, [written, "comment"])
    if entry.scores:
        entries.put((name, "scores"), entry.scores, file, [written, "scores"])
    if entry.items:
        chosen = items_of(file, items, entry.items, [written, "items"])
        entries.put((name, "items"), chosen, file, [written, "items"])
    for question, text in entry.answers.items():
        if text is not None and text.strip():
            key = key_of_answer(course, file, question, [written, "answers", question])
            entries.put((name, "answers", key), text.strip(), file, [written, "answers", question])

    for member, own in entry.members.items():
        if own is not None:
            keys = [written, "members", member]
            of_member = None if own.items is None else items_of(file, items, own.items, [*keys, "items"])
            entries.put((name, MEMBERS, member), (own.comment, own.scores, of_member), file, keys)


def _by_submission(entries: _Combined[Any]) -> dict[str, ByHand]:
    parts: dict[str, dict[str, Any]] = {}
    for key, value in entries.values.items():
        name, kind, *question = key if isinstance(key, tuple) else (key, "")
        fields = parts.setdefault(name, {})
        if question:
            fields.setdefault(kind, {})[question[0]] = value
        elif kind:
            fields[kind] = value
    return {name: _by_hand(fields) for name, fields in parts.items()}


def _by_hand(fields: dict[str, Any]) -> ByHand:
    """Complete the marks of members: what isn't there is as for the group, and a comment is added to the group's."""
    members = fields.pop(MEMBERS, {})
    group = ByHand(**fields)
    own = {
        name: ByHand(
            "\n\n".join(text for text in (group.comment, (comment or "").strip()) if text),
            group.scores if scores is None else scores,
            group.items if chosen is None else chosen,
        )
        for name, (comment, scores, chosen) in members.items()
    }
    return msgspec.structs.replace(group, members=own)
