"""The command `grader hand-in`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from grader.cli.shared import CourseOption, console, exercise_ids, print_notice, the_course


def hand_in(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="ASSIGNMENT_OR_EXERCISE",
            help="What to hand in; everything you have begun if you leave it out.",
            autocompletion=exercise_ids,
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="The archive to write; by default hand-in-NAME.zip."),
    ] = None,
    verify: Annotated[
        Path | None,
        typer.Option("--verify", metavar="FILE", help="Compare an archive with its manifest, and print its receipt."),
    ] = None,
    course: CourseOption = None,
) -> None:
    """Check your work, and pack it into one archive to hand in.

    It says for each exercise how many visible checks pass, warns of what may be a mistake, and gives you a receipt. No
    archive and none of your files is ever replaced.

    With --verify, the exit status is 1 if something differs.
    """
    from grader.handin import HandInRequest
    from grader.handin import hand_in as hand_in_work

    if verify is not None:
        _verify(verify, course)
        return
    request = HandInRequest(tuple(names or ()), out)
    for line in hand_in_work(the_course(course), request, print_notice).lines():
        console.print(escape(line), soft_wrap=True)


def _verify(archive: Path, course: Path | None) -> None:
    """Print whether an archive matches its manifest."""
    from grader.handin import verify

    verified = verify(the_course(course), archive)
    for line in verified.lines():
        console.print(escape(line), soft_wrap=True)
    if not verified.matches:
        raise typer.Exit(1)
