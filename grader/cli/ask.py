"""The command `grader ask`."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.markup import escape

from grader.cli.shared import CourseOption, console, the_course


def ask(
    about: Annotated[
        str,
        typer.Argument(metavar="CHECK", help="A check or an exercise; your questions are listed if you leave it out."),
    ] = "",
    question: Annotated[
        str | None, typer.Option("--question", metavar="TEXT", help="The question; you are asked for it otherwise.")
    ] = None,
    withdraw: Annotated[bool, typer.Option("--withdraw", help="Remove your questions about this check.")] = False,
    course: CourseOption = None,
) -> None:
    """Ask your instructor about a check.

    The question, with the case that failed in your last run, goes into exercises/questions.json. Hand that in with your
    work; the answer is in your next report.
    """
    from grader.study.ask import AskRequest
    from grader.study.ask import ask as keep_question

    loaded = the_course(course)
    if question is None:
        question = typer.prompt("Your question") if about and not withdraw else ""
    for line in keep_question(loaded, AskRequest(about, question, withdraw)):
        console.print(escape(line), soft_wrap=True)
