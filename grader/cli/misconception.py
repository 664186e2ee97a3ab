"""The command that drafts an entry of the catalog of mistakes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from grader.cli.shared import CourseOption, errors, known, the_course

misconception = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Draft a known mistake (for authors).")


@misconception.callback()
def common() -> None:
    """Draft a known mistake (for authors)."""


@misconception.command("from")
def draft(
    submission: Annotated[Path, typer.Argument(help="The folder, archive or file of one submission.")],
    exercise: Annotated[
        str | None,
        typer.Option("--exercise", metavar="ID", help="The exercise, if several have mistakes without a name."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Write the entry to this new file instead of printing it.")
    ] = None,
    course: CourseOption = None,
) -> None:
    """Draft the entry for a mistake without a name.

    Its edit is the smallest change of the solution that gives the same answers as the submission in all recorded cases.
    The catalog itself stays as it is.
    """
    from grader.authoring.drafting import draft_from

    loaded = the_course(course, exercise)
    name = None if exercise is None else known(loaded, exercise).id
    drafted = draft_from(loaded, submission, name, out, lambda line: errors.print(escape(line)))
    if out is None:
        typer.echo(drafted.text, nl=False)
    for sentence in drafted.sentences:
        errors.print(escape(sentence), soft_wrap=True)
