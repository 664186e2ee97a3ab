"""The file with a student's questions: JSON, next to their modules, so that any way of handing in takes it along.

Nobody may trust one that arrives, so reading it has limits. It is JSON because JSON can't refer to itself: a small file
is a small value.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Annotated

import msgspec

from grader.text import printable

QUESTIONS_FILE = "questions.json"
SCHEMA = 1
MAX_BYTES = 2**17
"""The most bytes of a file that are read."""
MAX_QUESTIONS, MAX_TEXT, MAX_CASE, MAX_ROWS, MAX_LINE, MAX_NAME = 20, 2_000, 60, 12, 300, 120
"""Questions in a file, characters of a question, lines of a case and a failure, and characters of a line and a name."""


class BadQuestions(ValueError):
    """A file of questions cannot be read; the text is the end of a sentence that begins with its name."""


class Asked(msgspec.Struct, frozen=True):
    """A question as a student asks it.

    `check` is empty if the question is about the whole exercise. `case` is the smallest failing case of the student's
    last run, as a program, and `failure` what came out of it; both are empty if there is none.
    """

    exercise: str
    check: str
    question: str
    case: str = ""
    failure: list[str] = []

    @property
    def about(self) -> str:
        """What it is about, as the instructor's answers name it: `exercise.check`, or the exercise."""
        return f"{self.exercise}.{self.check}" if self.check else self.exercise

    @property
    def id(self) -> str:
        """The question's id: the same question about the same check always has the same one."""
        text = "\0".join((self.exercise, self.check, self.question))
        return f"q{hashlib.sha256(text.encode(errors='replace')).hexdigest()[:6]}"


class _File(msgspec.Struct, frozen=True):
    schema: Annotated[int, msgspec.Meta(ge=0, le=10**6)]
    questions: list[Asked]


def encoded(questions: Sequence[Asked]) -> bytes:
    """Write questions as a file."""
    return msgspec.json.format(msgspec.json.encode(_File(SCHEMA, list(questions))), indent=1) + b"\n"


def decoded(content: bytes) -> list[Asked]:
    """Read a file of questions; what is too long is shortened.

    Raises:
        BadQuestions: it is too large, isn't such a file, or has too many questions.
    """
    if len(content) > MAX_BYTES:
        raise BadQuestions(f"is larger than {MAX_BYTES // 2**10} KiB")
    try:
        read = msgspec.json.decode(content, type=_File)
    except (msgspec.DecodeError, UnicodeError, RecursionError, OverflowError):
        raise BadQuestions("isn't a file that `grader ask` wrote") from None
    if read.schema != SCHEMA:
        raise BadQuestions(f"has schema {read.schema}, and this grader reads schema {SCHEMA}")
    if len(read.questions) > MAX_QUESTIONS:
        raise BadQuestions(f"has more than {MAX_QUESTIONS} questions")
    return [question for asked in read.questions if (question := within_limits(asked)).question]


def within_limits(asked: Asked) -> Asked:
    """Return a question with only printable characters and lines of bounded length, and not too many of them."""
    return Asked(
        printable(asked.exercise, MAX_NAME),
        printable(asked.check, MAX_NAME),
        "\n".join(_lines(asked.question[:MAX_TEXT].splitlines(), MAX_TEXT)).strip(),
        "\n".join(_lines(asked.case.splitlines()[:MAX_CASE], MAX_LINE)),
        _lines(asked.failure[:MAX_ROWS], MAX_LINE),
    )


def _lines(lines: Sequence[str], limit: int) -> list[str]:
    """Make lines printable; spaces at their beginning stay."""
    kept = []
    for line in lines:
        clean = "".join(character if character.isprintable() else " " for character in line[: limit + 1]).rstrip()
        kept.append(clean if len(clean) <= limit else f"{clean[: limit - 1]}…")
    return kept
