"""A learner's question about a check, kept in a file that they hand in along with their modules."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.course import Check, Course
from grader.errors import UsageError
from grader.grading.questions import QUESTIONS_FILE, Asked, BadQuestions, decoded, encoded, within_limits
from grader.grading.questions.file import MAX_BYTES, MAX_QUESTIONS, MAX_TEXT
from grader.study.folder import read, shown, write
from grader.study.last_cases import LastCase, last_cases
from grader.text import did_you_mean, listed, printable

MAX_NAMED = 8
BESIDES = "It goes along with your work: `grader hand-in` packs it. If you upload files yourself, upload {file}, too."


@dataclass(frozen=True)
class AskRequest:
    """What a learner wants: to ask about a check or an exercise, to take a question back, or to see all questions.

    `about` is empty to see them.
    """

    about: str = ""
    question: str = ""
    withdraw: bool = False


def ask(course: Course, request: AskRequest) -> Iterator[str]:
    """Keep or remove a question, and yield what the learner should read.

    Args:
        course: the course.
        request: what the learner wants.

    Raises:
        UsageError: there is no such check, the question is empty or too long, there are too many questions, or the
            file can't be read.
        StateError: the file can't be written.
    """
    course = course.whole
    path = course.stubs / QUESTIONS_FILE
    questions = _read(course, path)
    if not request.about:
        yield from _about_all(course, path, questions)
        return
    cases = last_cases(course)
    exercise, check = _meant(course, request.about, cases)
    if request.withdraw:
        left = [question for question in questions if (question.exercise, question.check) != (exercise, check)]
        if len(left) == len(questions):
            raise UsageError(f"You haven't asked about `{request.about}`. To see your questions: grader ask")
        _write(path, left)
        yield f"Removed: {len(questions) - len(left)} of your questions, from {shown(course, path)}."
        return
    asked = _question(exercise, check, request.question, cases)
    left = [question for question in questions if question.id != asked.id]
    if len(left) >= MAX_QUESTIONS:
        raise UsageError(
            f"You have {MAX_QUESTIONS} questions, and more don't fit in. To remove those about a check: "
            "grader ask CHECK --withdraw"
        )
    _write(path, [*left, asked])
    yield f"Your question {asked.id} about {asked.about} is in {shown(course, path)}."
    if asked.case or asked.failure:
        yield "With it is the smallest case that failed when you last ran the check."
    elif check:
        yield f"The check has no failing case from your last run. To add one: pytest -k {check}, and ask again."
    yield BESIDES.format(file=shown(course, path))


def _question(exercise: str, check: str, text: str, cases: dict[str, LastCase]) -> Asked:
    text = text.strip()
    if not text:
        raise UsageError("Your question is empty. Write what you would like to know: grader ask CHECK --question TEXT")
    if len(text) > MAX_TEXT:
        raise UsageError(f"Your question has {len(text)} characters, and at most {MAX_TEXT} are kept. Shorten it.")
    names = [f"{exercise}.{check}"] if check else [name for name in cases if name.partition(".")[0] == exercise]
    case = next((cases[name] for name in names if name in cases), LastCase("", []))
    return within_limits(Asked(exercise, check, text, case.case, case.failure))


def _read(course: Course, path: Path) -> list[Asked]:
    content = read(path)
    if content is None:
        return []
    try:
        return decoded(content)
    except BadQuestions as problem:
        raise UsageError(f"{shown(course, path)} {problem}. Move it away, and ask again.") from None


def _write(path: Path, questions: Sequence[Asked]) -> None:
    content = encoded(questions)
    if len(content) > MAX_BYTES:
        raise UsageError("All your questions together are too long. To remove some: grader ask CHECK --withdraw")
    write(path, content)


def _about_all(course: Course, path: Path, questions: Sequence[Asked]) -> Iterator[str]:
    if not questions:
        yield "You have no questions. To ask one: grader ask CHECK --question TEXT"
        yield "CHECK is the name after `rerun pytest -k`, such as test_what_it_is_about, or an exercise."
        return
    yield f"Your questions, in {shown(course, path)}:"
    yield from (f"  {question.id}  {question.about}: {printable(question.question)}" for question in questions)


def _meant(course: Course, typed: str, cases: dict[str, LastCase]) -> tuple[str, str]:
    """Return the exercise and the check that are meant; the check is empty if it is the exercise as a whole.

    Raises:
        UsageError: there is no such check, or several have this name; the message names the closest one.
    """
    parts = [part for part in re.split(r"::|\.py\b|[./\\]", typed.strip()) if part]
    name = parts[-1] if parts else ""
    if len(parts) == 1 and name in course.by_id:
        return name, ""
    checks = [check for exercise in course.exercises for check in exercise.checks if check.visibility == "visible"]
    same = [check for check in checks if check.id == name]
    named = {part.removeprefix("test_") for part in parts[:-1]}
    same = [check for check in same if check.exercise in named] or same
    same = [check for check in same if _name(check) in cases] or same
    if len(same) == 1:
        return same[0].exercise, same[0].id
    if same:
        names = listed([_name(check) for check in same], MAX_NAMED)
        raise UsageError(f"Several exercises have a check `{name}`. Name one of: {names}.")
    suggestion = did_you_mean(name, [*(check.id for check in checks), *course.by_id])
    raise UsageError(
        f"There is no visible check `{typed}`{suggestion}. Its name is after `rerun pytest -k`; an "
        "exercise will do, too."
    )


def _name(check: Check) -> str:
    return f"{check.exercise}.{check.id}"
