"""Takes the files of questions out of a submission. Whatever is in them is only text that somebody may read."""

from __future__ import annotations

import re

from grader.grading.handed_in import Files, Unreadable
from grader.grading.questions.file import MAX_BYTES, MAX_QUESTIONS, Asked, BadQuestions, decoded

NAMES = re.compile(r"questions([ _-]*\(?\d{1,3}\)?)?\.json", re.IGNORECASE)
"""What the file may be called after a browser or a platform had it."""
MAX_FILES = 5
"""The most files of questions that are read, and the others are named."""


def take_questions(files: Files) -> tuple[tuple[Asked, ...], list[str]]:
    """Remove the files of questions from a submission's files, and read them.

    Returns:
        The questions, each once, and a sentence about each file that could not be read.
    """
    among = [file for file in files.files if NAMES.fullmatch(file.path.name)]
    files.files = [file for file in files.files if file not in among]
    questions: dict[str, Asked] = {}
    problems: list[str] = []
    for number, file in enumerate(among):
        try:
            if number >= MAX_FILES:
                raise BadQuestions(f"is one of more than {MAX_FILES} such files")
            for question in decoded(file.content(MAX_BYTES)):
                questions.setdefault(question.id, question)
        except Unreadable as problem:
            problems.append(_not_read(file.shown, f"is {problem}"))
        except BadQuestions as problem:
            problems.append(_not_read(file.shown, str(problem)))
    if len(questions) > MAX_QUESTIONS:
        problems.append(f"Only the first {MAX_QUESTIONS} questions were read.")
    return tuple(questions.values())[:MAX_QUESTIONS], problems


def _not_read(name: str, why: str) -> str:
    return f"The questions in {name} were not read: it {why}. To write them again: grader ask"
