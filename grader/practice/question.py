"""Questions about what code answers: the right option is the solution's answer, each other one that of a mistake.

A file `tests/visible/questions/<id>.json` has those of an exercise. It contains texts only, so showing a question needs
neither torch nor solutions.
"""

from __future__ import annotations

import msgspec

from grader.course import Course
from grader.errors import CourseError

LETTERS = "abcdef"


class Option(msgspec.Struct, frozen=True, omit_defaults=True):
    """An option: the answer as text; for a wrong one the mistake that answers so, with its sentences."""

    text: str
    mistake: str = ""
    did: str = ""
    why: str = ""

    @property
    def is_right(self) -> bool:
        return not self.mistake


class Question(msgspec.Struct, frozen=True, omit_defaults=True):
    """A question: lines of Python, what is asked about them, and the options, of which exactly one is right.

    Attributes:
        id: unique within the exercise, and the same as long as the question stays the same.
        code: lines of Python, the last of which is the call that is asked about.
        asks: the question, a sentence.
        options: the options in the order in which they are shown.
        notes: what the objects in the code are, if they aren't the learner's.
    """

    id: str
    code: tuple[str, ...]
    asks: str
    options: tuple[Option, ...]
    notes: tuple[str, ...] = ()

    @property
    def right(self) -> int:
        """The position of the right option."""
        return next(position for position, option in enumerate(self.options) if option.is_right)


class Slip(msgspec.Struct, frozen=True):
    """The mistake that gives a wrong number, with its sentences."""

    mistake: str
    did: str
    why: str


class NumberQuestion(msgspec.Struct, frozen=True):
    """A question whose answer is a number to type: the code, the right number, and where some wrong ones come from."""

    id: str
    code: tuple[str, ...]
    right: int
    slips: dict[str, Slip]


class QuestionBook(msgspec.Struct, frozen=True, omit_defaults=True):
    """The questions of an exercise: to answer before writing code, for afterward, and those about numbers."""

    before: tuple[Question, ...] = ()
    after: tuple[Question, ...] = ()
    numbers: tuple[NumberQuestion, ...] = ()

    @property
    def questions(self) -> tuple[Question, ...]:
        return self.before + self.after


def load_questions(course: Course, exercise: str) -> QuestionBook:
    """Read an exercise's questions; there are none if it has no file.

    Raises:
        CourseError: the file is broken.
    """
    path = course.questions / f"{exercise}.json"
    try:
        return msgspec.json.decode(path.read_bytes(), type=QuestionBook)
    except FileNotFoundError:
        return QuestionBook()
    except (OSError, msgspec.DecodeError) as error:
        raise CourseError(f"{path} can't be read: {error}. To write it again: grader build {exercise}") from error


def explanation(option: Option | Slip) -> str:
    """Say in two sentences which mistake gives a wrong answer, in the general form."""
    for opening, rest in (("You ", "you "), ("Your ", "your ")):
        if option.did.startswith(opening):
            return f"That comes out if {rest}{option.did.removeprefix(opening)} {option.why}"
    return f"That comes out with this mistake: {option.did} {option.why}"
