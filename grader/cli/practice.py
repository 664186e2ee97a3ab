"""The commands for practice without writing code."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from grader.cli.shared import CourseOption, JsonOption, console, exercise_ids, known, print_notice, the_course
from grader.course import Course


def predict(
    exercise: Annotated[
        str | None,
        typer.Argument(help="The exercise's id; the next one if you leave it out.", autocompletion=exercise_ids),
    ] = None,
    answers: Annotated[
        list[str] | None,
        typer.Option("--answer", metavar="QUESTION=LETTER", help="Answer a question, without being asked."),
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Also ask what you have answered before.")] = False,
    sheet: Annotated[
        Path | None,
        typer.Option("--sheet", help="Write the questions as a sheet for a lecture: a file .html or .pdf."),
    ] = None,
    of_class: Annotated[
        Path | None,
        typer.Option("--class", help="Count what a class answered: a folder with a folder for each student."),
    ] = None,
    in_json: JsonOption = False,
    course: CourseOption = None,
) -> None:
    """Predict what code answers, before you write it.

    Each wrong option is what a mistake answers that people really make.
    """
    from grader.study.predicting import next_exercise

    loaded = the_course(course)
    named = None if exercise is None else known(loaded, exercise).id
    if sheet is not None:
        from grader.practice.sheet import write_sheet

        console.print(escape(write_sheet(loaded, [] if named is None else [named], sheet)), soft_wrap=True)
        return
    if of_class is not None:
        from grader.study.class_answers import count_answers, table

        console.print(table(loaded, count_answers(loaded, of_class, print_notice), named))
        return
    chosen = named or next_exercise(loaded, print_notice)
    if answers:
        _answer(loaded, chosen, answers, in_json)
    elif in_json:
        from grader.study.json_answers import answer_to_predict, as_json
        from grader.study.predicting import questions_for

        print(as_json(answer_to_predict(chosen, questions_for(loaded, chosen, print_notice))))
    else:
        _ask(loaded, chosen, again)


def _answer(course: Course, exercise: str, answers: list[str], in_json: bool) -> None:
    from grader.errors import UsageError
    from grader.study.json_answers import answer_to_predict, as_json
    from grader.study.predicting import answer, questions_for

    asked = {each.question.id: each for each in questions_for(course, exercise, print_notice)}
    for given in answers:
        name, _, letter = given.partition("=")
        if name not in asked:
            raise UsageError(
                f"{exercise} has no question {name}. To see its questions and their names: "
                f"grader predict {exercise} --json"
            )
        response = answer(course, exercise, asked[name], letter, print_notice)
        if not in_json:
            console.print(escape(_verdict(response.is_right, response.right, response.sentence)))
    if in_json:
        print(as_json(answer_to_predict(exercise, questions_for(course, exercise, print_notice))))


def _ask(course: Course, exercise: str, again: bool) -> None:
    """Ask the questions one after the other; without a terminal to answer at, print them."""
    from grader.practice.question import LETTERS
    from grader.study.predicting import answer, questions_for, summary

    asked = questions_for(course, exercise, print_notice)
    to_ask = asked if again else [each for each in asked if not each.answer]
    is_interactive = sys.stdin.isatty() and console.is_terminal
    for number, each in enumerate(to_ask, start=1):
        _show(number, len(to_ask), each.question)
        if not is_interactive:
            continue
        letters = LETTERS[: len(each.question.options)]
        letter = ""
        while letter not in (*letters, "s", "q"):
            letter = console.input(f"Your answer, {letters[0]} to {letters[-1]} (s: skip, q: stop): ").strip().lower()
            letter = letter or " "
        if letter == "q":
            break
        if letter == "s":
            continue
        response = answer(course, exercise, each, letter, print_notice)
        console.print(escape(_verdict(response.is_right, response.right, response.sentence)))
        console.print()
    if to_ask and not is_interactive:
        console.print(f"To answer: grader predict {exercise} --answer {to_ask[0].question.id}=a")
    answered = [each for each in questions_for(course, exercise, print_notice) if each.answer]
    if answered:
        console.print(summary(answered))
    if not to_ask:
        console.print(f"You have answered all questions about {exercise}. To see them again: --again")


def _show(number: int, count: int, question: object) -> None:
    from rich.syntax import Syntax

    from grader.practice.question import LETTERS, Question

    assert isinstance(question, Question)
    console.print(f"[bold]Question {number} of {count}[/bold]  {escape(question.id)}")
    console.print(
        Syntax("\n".join(question.code), "python", theme="ansi_dark", background_color="default", word_wrap=True)
    )
    for note in question.notes:
        console.print(escape(note))
    console.print(escape(question.asks))
    for letter, option in zip(LETTERS, question.options, strict=False):
        console.print(escape(f"  {letter}) {option.text}"))


def _verdict(is_right: bool, right: str, sentence: str) -> str:
    return "Right." if is_right else f"No, {right}) is right. {sentence}"
