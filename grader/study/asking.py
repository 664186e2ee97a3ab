"""`grader predict`: asks the questions one after the other, or answers, counts or writes them as it was told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import RenderableType
from rich.syntax import Syntax
from rich.text import Text

from grader.course import Course
from grader.errors import UsageError
from grader.practice.question import LETTERS, Question
from grader.practice.sheet import write_sheet
from grader.study.class_answers import count_answers, table
from grader.study.json_answers import answer_to_predict, as_json
from grader.study.predicting import (
    Response,
    answer,
    answer_number,
    next_exercise,
    number_question,
    questions_for,
    summary,
)

Tell = Callable[[str], None]
SKIP, STOP = "s", "q"


@dataclass(frozen=True)
class Wanted:
    """What `grader predict` was told to do.

    Attributes:
        exercise: the exercise's id; None for the next one, and for all on a sheet or in a table.
        answers: answers that were given at once, each as `question=letter`.
        again: whether to ask what was answered before, too.
        sheet: the file of a sheet to write.
        of_class: the folder of a class whose answers are counted.
        in_json: whether to show everything as JSON.
        numbers: how many numbers to ask for instead; each learner is asked for other ones.
    """

    exercise: str | None = None
    answers: Sequence[str] = ()
    again: bool = False
    sheet: Path | None = None
    of_class: Path | None = None
    in_json: bool = False
    numbers: int = 0


def predict(
    course: Course, wanted: Wanted, prompt: Callable[[str], str] | None, tell: Tell
) -> Iterator[RenderableType]:
    """Yield what to show, one thing after the other.

    Args:
        course: the course.
        wanted: what to do.
        prompt: asks the learner something, and returns what they typed; None if there is no terminal to ask at.
        tell: gets a sentence if saved progress can't be read.

    Raises:
        UsageError: there are no questions, or an answer is none.
    """
    if wanted.sheet is not None:
        yield Text(write_sheet(course, [wanted.exercise] if wanted.exercise else [], wanted.sheet))
        return
    if wanted.of_class is not None:
        yield table(course, count_answers(course, wanted.of_class, tell), wanted.exercise)
        return
    exercise = wanted.exercise or next_exercise(course, tell)
    if wanted.numbers:
        yield from _ask_numbers(course, exercise, wanted.numbers, prompt, tell)
        return
    responses = [_answer(course, exercise, given, tell) for given in wanted.answers]
    if wanted.in_json:
        yield Text(as_json(answer_to_predict(exercise, questions_for(course, exercise, tell))))
    elif wanted.answers:
        yield from map(_verdict, responses)
    else:
        yield from _ask(course, exercise, wanted.again, prompt, tell)


def _answer(course: Course, exercise: str, given: str, tell: Tell) -> Response:
    name, _, letter = given.partition("=")
    asked = {each.question.id: each for each in questions_for(course, exercise, tell)}
    if name not in asked:
        raise UsageError(
            f"{exercise} has no question {name}. To see its questions and their names: grader predict {exercise} --json"
        )
    return answer(course, exercise, asked[name], letter, tell)


def _ask(
    course: Course, exercise: str, again: bool, prompt: Callable[[str], str] | None, tell: Tell
) -> Iterator[RenderableType]:
    to_ask = [each for each in questions_for(course, exercise, tell) if again or not each.answer]
    for number, each in enumerate(to_ask, start=1):
        yield Text(f"Question {number} of {len(to_ask)}", style="bold")
        yield from show_question(each.question)
        if prompt is None:
            continue
        letter = letter_of(each.question, prompt)
        if letter == STOP:
            break
        if letter != SKIP:
            yield _verdict(answer(course, exercise, each, letter, tell))
        yield Text()
    if to_ask and prompt is None:
        yield Text(f"To answer: grader predict {exercise} --answer {to_ask[0].question.id}=a")
    answered = [each for each in questions_for(course, exercise, tell) if each.answer]
    if answered:
        yield Text(summary(answered))
    if not to_ask:
        yield Text(f"You have answered all questions about {exercise}. To see them again: --again")


def _ask_numbers(
    course: Course, exercise: str, count: int, prompt: Callable[[str], str] | None, tell: Tell
) -> Iterator[RenderableType]:
    if prompt is None:
        raise UsageError("You type these numbers, so run this in a terminal.")
    for number in range(1, count + 1):
        question = number_question(course, exercise, tell)
        yield Text(f"Question {number} of {count}", style="bold")
        yield _code(question.code)
        typed = prompt(f"Which number comes back? ({STOP}: stop) ").strip().lower()
        if typed == STOP:
            return
        try:
            response = answer_number(course, exercise, question, typed, tell)
        except UsageError as error:
            yield Text(f"{error}\n")
            continue
        missed = response.sentence or "No known mistake gives yours."
        yield Text("Right.\n" if response.is_right else f"No, it's {response.right}. {missed}\n")


def letter_of(question: Question, prompt: Callable[[str], str]) -> str:
    """Ask for a letter until there is one; `SKIP` and `STOP` are answers, too."""
    letters = LETTERS[: len(question.options)]
    while True:
        letter = prompt(f"Your answer, {letters[0]} to {letters[-1]} ({SKIP}: skip, {STOP}: stop): ").strip().lower()
        if letter in (*letters, SKIP, STOP):
            return letter


def show_question(question: Question) -> Iterator[RenderableType]:
    """Yield a question: its code, what is asked, and the options with their letters."""
    yield _code(question.code)
    yield from map(Text, (*question.notes, question.asks))
    for letter, option in zip(LETTERS, question.options, strict=False):
        yield Text(f"  {letter}) {option.text}")


def _code(lines: Sequence[str]) -> Syntax:
    return Syntax("\n".join(lines), "python", theme="ansi_dark", background_color="default", word_wrap=True)


def _verdict(response: Response) -> Text:
    return Text("Right." if response.is_right else f"No, {response.right}) is right. {response.sentence}")
