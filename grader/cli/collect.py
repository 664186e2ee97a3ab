"""The commands `grader collect` and `grader return`: from a platform to the grader, and back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from grader.cli.shared import CourseOption, console, the_course

COLLECTED = Path("collected")
"""The folder for what is collected, if none is named."""


def collect(
    download: Annotated[Path, typer.Argument(help="A platform's download: the zip file, or the unpacked folder.")],
    platform: Annotated[
        str,
        typer.Option(
            "--from",
            metavar="canvas|moodle|blackboard|gradescope|github|auto",
            help="The platform; by default, it is recognized by the names of the files.",
        ),
    ] = "auto",
    out: Annotated[Path, typer.Option("--out", help="The folder for submissions, roster and times.")] = COLLECTED,
    people: Annotated[
        list[Path] | None,
        typer.Option(
            "--people",
            metavar="FILE",
            help="A list from the platform: Canvas's gradebook, Moodle's grading worksheet. You can repeat this.",
        ),
    ] = None,
    assignment: Annotated[
        str | None, typer.Option("--assignment", metavar="ID", help="The assignment that was handed in.")
    ] = None,
    timezone: Annotated[
        str | None,
        typer.Option(
            "--timezone", metavar="NAME", help="The time zone of times that have none; by default, this computer's."
        ),
    ] = None,
    course: CourseOption = None,
) -> None:
    """Unpack a learning platform's download for grading.

    It makes a folder for each student, a roster, and a table of the times at which they handed in.

    Run it again with a newer download to update them. What you changed by hand stays. The exit status is 1 if a file of
    the download ended up in nobody's folder.
    """
    from grader.collect import CollectOptions
    from grader.collect import collect as collect_download

    options = CollectOptions(platform, tuple(people or ()), assignment, timezone)
    collected = collect_download(download, out, the_course(course), options)
    for line in collected.lines():
        console.print(escape(line), soft_wrap=True)
    if not collected.is_complete:
        raise typer.Exit(1)


def return_feedback(
    collected: Annotated[Path, typer.Argument(help="The folder that `grader collect` wrote.")] = COLLECTED,
    graded: Annotated[
        Path | None,
        typer.Option("--graded", help="The folder that `grader grade` wrote; by default `graded` in that folder."),
    ] = None,
    assignment: Annotated[
        str | None,
        typer.Option("--assignment", metavar="ID", help="The assignment; by default the one collected last."),
    ] = None,
    form: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="platform|mail",
            help="An archive for the platform, or a table for mail merge and the files to attach.",
        ),
    ] = "platform",
    roster: Annotated[
        Path | None,
        typer.Option("--roster", help="With --format mail: the table of email addresses; by default roster.csv there."),
    ] = None,
) -> None:
    """Pack the feedback for Canvas, for Moodle, or for emails.

    The exit status is 1 if somebody's feedback isn't in it.
    """
    from grader.collect import ReturnOptions, return_to

    packed = return_to(collected, ReturnOptions(graded, assignment, form, roster))
    for line in packed.lines():
        console.print(escape(line), soft_wrap=True)
    if not packed.is_complete:
        raise typer.Exit(1)
