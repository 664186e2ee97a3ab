"""Writes the files with questions, and says how many there are and why others were rejected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from grader.course import Course, Exercise
from grader.practice.numbers import number_questions
from grader.practice.question import QuestionBook
from grader.practice.writing_questions import write_questions


@dataclass(frozen=True)
class Written:
    """The questions of an exercise: the file, whether it changed, how many there are, and why others were rejected."""

    exercise: str
    path: Path
    is_new: bool
    book: QuestionBook
    considered: int
    rejected: Counter[str]


def write_files(course: Course, exercise: Exercise | None, dry: bool) -> Iterator[Written]:
    """Write the questions of one exercise, or of all; with `dry`, only say whether the file would change.

    Raises:
        CourseError: a mistake doesn't fit the solution.
    """
    for each in course.exercises if exercise is None else [exercise]:
        book, rejections = write_questions(course, each.id)
        book = msgspec.structs.replace(book, numbers=tuple(number_questions(course, each.id)))
        path = course.questions / f"{each.id}.json"
        content = msgspec.json.format(msgspec.json.encode(book), indent=1) + b"\n"
        is_new = not path.is_file() or path.read_bytes() != content
        if is_new and not dry:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        yield Written(each.id, path, is_new, book, rejections.considered, rejections.because)
