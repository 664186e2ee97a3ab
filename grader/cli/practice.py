"""The commands for practice."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from grader.cli.shared import CourseOption, JsonOption, console, exercise_ids, known, print_notice, the_course


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
    numbers: Annotated[
        int,
        typer.Option("--numbers", min=0, help="Ask for this many numbers instead, with configurations of your own."),
    ] = 0,
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
    from grader.study.asking import Wanted
    from grader.study.asking import predict as carry_out

    loaded = the_course(course)
    named = None if exercise is None else known(loaded, exercise).id
    prompt = console.input if sys.stdin.isatty() and console.is_terminal else None
    wanted = Wanted(named, answers or (), again, sheet, of_class, in_json, numbers)
    for part in carry_out(loaded, wanted, prompt, print_notice):
        console.print(part, soft_wrap=in_json)


def review(
    give_up: Annotated[
        bool, typer.Option("--give-up", help="Give up the function that you are rewriting; it comes back soon.")
    ] = False,
    course: CourseOption = None,
) -> None:
    """Come back to what you have passed, about ten minutes a day.

    A question, or one of your own functions to write from memory; what you know well comes back later and later.
    """
    from grader.study.review.session import review as carry_out

    prompt = console.input if sys.stdin.isatty() and console.is_terminal else None
    now = datetime.now().astimezone()
    for part in carry_out(the_course(course), prompt, print_notice, now, give_up):
        console.print(part)


def bugs(
    exercise: Annotated[
        str | None,
        typer.Argument(
            help="The exercise's id; one that you've passed if you leave it out.", autocompletion=exercise_ids
        ),
    ] = None,
    level: Annotated[
        int, typer.Option("--level", help="1: a bug in a module; 2: two of them; 3: a small GPT that trains badly.")
    ] = 1,
    seed: Annotated[int | None, typer.Option("--seed", help="Plant the same bug again: any whole number.")] = None,
    show: Annotated[
        str | None, typer.Option("--show", metavar="CODE", help="Python that shows the bug: it gives something else.")
    ] = None,
    name: Annotated[
        str | None, typer.Option("--name", metavar="LETTER", help="Name the bug: the letter, or both letters.")
    ] = None,
    skip: Annotated[bool, typer.Option("--skip", help="Go on without an answer to this step, and read it.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Run the visible checks on your fix.")] = False,
    stop: Annotated[bool, typer.Option("--stop", help="Give up, and read where the bug is.")] = False,
    in_json: JsonOption = False,
    course: CourseOption = None,
) -> None:
    """Find a bug in a copy of your own code.

    You show it, name it and fix it. Your own files stay as they are.
    """
    from grader.study.bugs import Wanted
    from grader.study.bugs import bugs as carry_out

    loaded = the_course(course)
    named = None if exercise is None else known(loaded, exercise).id
    prompt = console.input if sys.stdin.isatty() and console.is_terminal else None
    wanted = Wanted(named, level, seed, show, name, skip, check, stop, in_json)
    for part in carry_out(loaded, wanted, prompt, print_notice):
        console.print(part, soft_wrap=in_json)
