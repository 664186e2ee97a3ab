"""Answers to students' questions: to one question by its id, or to everybody who asked about a check."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from grader.course import Course
from grader.course.yaml_file import Keys, YamlFile
from grader.grading.unknown import unknown

ANSWERS = "answers"
"""The section of the marks, and the key in a submission's entry."""
QUESTION_ID = re.compile(r"q[0-9a-f]{6}")


def read_answers(course: Course, file: YamlFile, section: Any) -> Iterator[tuple[str, str, str]]:
    """Read the answers to everybody: how the check is written there, the check, and the text; empty ones are left out.

    Args:
        course: the course.
        file: the file that they are in.
        section: what the file has there.

    Raises:
        ClassFileError: there is no such check; the message names the line.
    """
    texts = file.convert(section if section is not None else {}, dict[str, str | None], [ANSWERS])
    for written, text in texts.items():
        check = _check(course, file, written, [ANSWERS, written], "check")
        if text is not None and text.strip():
            yield written, check, text.strip()


def key_of_answer(course: Course, file: YamlFile, written: str, keys: Keys) -> str:
    """Return the question or the check that an answer to one submission is for.

    Raises:
        ClassFileError: it is neither; the message names the line.
    """
    return written if QUESTION_ID.fullmatch(written) else _check(course, file, written, keys, "question or check")


def _check(course: Course, file: YamlFile, written: str, keys: Keys, what: str) -> str:
    """Return the full name of a check, `exercise.check`, or an exercise that was asked about as a whole."""
    checks = [f"{exercise.id}.{check.id}" for exercise in course.exercises for check in exercise.checks]
    if written in checks or written in course.by_id:
        return written
    same = [check for check in checks if check.partition(".")[2] == written]
    if len(same) == 1:
        return same[0]
    if same:
        raise file.complaint(f"several exercises have a check `{written}`; write one of: {', '.join(same)}", keys)
    also = [check.partition(".")[2] for check in checks]
    raise file.complaint(unknown(what, written, checks, also=[*also, *course.by_id]), keys)
