"""The learner's questions, which go into the archive along with their modules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from grader.course import Course
from grader.grading.questions import QUESTIONS_FILE, Asked, BadQuestions, decoded
from grader.study.folder import read, shown

NOT_PACKED = "{file} isn't in the archive: it {problem}. Move it away, and ask again: grader ask"


@dataclass(frozen=True)
class Questions:
    """The file of questions, if there is one with questions in it.

    Attributes:
        contents: the file by its name; empty if there is none.
        asked: the questions in it.
        problem: a sentence if the file can't be packed; empty otherwise.
    """

    contents: dict[str, bytes] = field(default_factory=dict)
    asked: Sequence[Asked] = ()
    problem: str = ""

    @property
    def about(self) -> str:
        """Say what the questions are about; empty if there are none."""
        count = len(self.asked)
        names = ", ".join(dict.fromkeys(question.about for question in self.asked))
        return f"With {count} question{'s' * (count != 1)} to your instructor: {names}" if count else ""


def questions_of(course: Course) -> Questions:
    """Read the learner's questions."""
    path = course.stubs / QUESTIONS_FILE
    content = read(path)
    if content is None:
        return Questions()
    try:
        asked = decoded(content)
    except BadQuestions as problem:
        return Questions(problem=NOT_PACKED.format(file=shown(course, path), problem=problem))
    return Questions({QUESTIONS_FILE: content}, asked) if asked else Questions()
