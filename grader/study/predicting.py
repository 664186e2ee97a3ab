"""Asking a learner the questions of an exercise, and keeping what they answered first."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from grader.course import Course
from grader.errors import UsageError
from grader.practice.question import LETTERS, NumberQuestion, Question, explanation, load_questions
from grader.study.folder import digest
from grader.study.progress import course_progress
from grader.study.state import Prediction, State, change_state, load_state

Tell = Callable[[str], None]
Stage = Literal["before", "after"]
UNKNOWN = "another_number"
"""Stands for the mistake behind a wrong number that no known one gives."""


@dataclass(frozen=True)
class Asked:
    """A question to a learner.

    Attributes:
        question: the question.
        stage: whether it belongs before writing the code, or after.
        answer: what the learner answered first, as a letter; empty if nothing yet.
    """

    question: Question
    stage: Stage
    answer: str = ""


@dataclass(frozen=True)
class Response:
    """What a learner reads after an answer: whether it is right, the right letter, and why theirs is wrong."""

    is_right: bool
    right: str
    sentence: str


def questions_for(course: Course, exercise: str, tell: Tell) -> list[Asked]:
    """List the questions of an exercise: those for before, and once its code has passed, those for after, too.

    Raises:
        UsageError: there are none.
        CourseError: the file with them is broken.
    """
    state = load_state(course, tell)
    book = load_questions(course, exercise)
    if not book.questions:
        raise UsageError(f"There are no questions about {exercise}. To read its lesson: grader lesson {exercise}")
    asked = [_asked(state, exercise, question, "before") for question in book.before]
    record = state.of(exercise)
    if record.passed is not None:
        asked += [_asked(state, exercise, question, "after") for question in book.after]
    return asked


def next_exercise(course: Course, tell: Tell) -> str:
    """Return the exercise to ask about if the learner names none: the next one to write, or else the last one.

    Raises:
        UsageError: no exercise has questions.
    """
    state = load_state(course, tell)
    having = [status for status in course_progress(course, state) if load_questions(course, status.id).questions]
    if not having:
        raise UsageError("This course has no questions. What is next: grader progress")
    return next((status.id for status in having if status.is_next or status.status != "passed"), having[-1].id)


def answer(course: Course, exercise: str, asked: Asked, letter: str, tell: Tell) -> Response:
    """Keep a learner's answer if it is their first one to this question, and say whether it is right.

    Raises:
        UsageError: no option has this letter.
        StateError: the answer can't be saved.
    """
    options = asked.question.options
    position = LETTERS.find(letter.strip().lower()) if len(letter.strip()) == 1 else -1
    if not 0 <= position < len(options):
        raise UsageError(f"Answer with a letter from a to {LETTERS[len(options) - 1]}, not with {letter!r}.")
    chosen = options[position]

    def keep(state: State) -> None:
        first = Prediction(chosen.mistake, asked.stage, LETTERS[position])
        state.of(exercise).predictions.setdefault(asked.question.id, first)

    change_state(course, tell, keep)
    right = LETTERS[asked.question.right]
    if chosen.is_right:
        return Response(True, right, "")
    return Response(False, right, explanation(chosen))


def number_question(course: Course, exercise: str, tell: Tell) -> NumberQuestion:
    """Return the learner's next question about a number: each has an order of their own, and begins again at its end.

    Raises:
        UsageError: the exercise has none.
        StateError: the learner's seed can't be saved.
    """
    questions = load_questions(course, exercise).numbers
    if not questions:
        raise UsageError(f"{exercise} has no questions about numbers. Its other ones: grader predict {exercise}")

    def seed_of(state: State) -> str:
        state.seed = state.seed or secrets.token_hex(4)
        return state.seed

    seed = change_state(course, tell, seed_of)
    known = load_state(course, tell).of(exercise).predictions
    ordered = sorted(questions, key=lambda question: digest(f"{seed}{question.id}".encode()))
    return next((question for question in ordered if question.id not in known), ordered[0])


def answer_number(course: Course, exercise: str, question: NumberQuestion, typed: str, tell: Tell) -> Response:
    """Keep a learner's number if it is their first one to this question, and say where a wrong one comes from.

    Raises:
        UsageError: what was typed isn't a number.
        StateError: the answer can't be saved.
    """
    text = typed.strip().replace(",", "").replace("_", "").replace(" ", "")
    if not text.lstrip("-").isdigit():
        raise UsageError(f"Type a whole number, not {typed!r}.")
    slip = question.slips.get(text)
    is_right = int(text) == question.right

    def keep(state: State) -> None:
        mistake = "" if is_right else slip.mistake if slip is not None else UNKNOWN
        stage: Stage = "before" if state.of(exercise).passed is None else "after"
        state.of(exercise).predictions.setdefault(question.id, Prediction(mistake, stage, text))

    change_state(course, tell, keep)
    if is_right:
        return Response(True, str(question.right), "")
    return Response(False, str(question.right), "" if slip is None else explanation(slip))


def summary(asked: Sequence[Asked]) -> str:
    """Say how many of the questions were answered rightly at the first try."""
    right = sum(each.answer == LETTERS[each.question.right] for each in asked)
    return f"{right} of {len(asked)} right at the first try."


def _asked(state: State, exercise: str, question: Question, stage: Stage) -> Asked:
    known = state.of(exercise).predictions.get(question.id)
    return Asked(question, stage, "" if known is None else known.letter)
