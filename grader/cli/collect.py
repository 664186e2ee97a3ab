"""The command `grader collect`."""

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
    """Make folders, a roster and hand-in times from a learning platform's download.

    Run it again with a newer download to update them. What you changed by hand stays.
    """
    from grader.collect import CollectOptions
    from grader.collect import collect as collect_download

    options = CollectOptions(platform, tuple(people or ()), assignment, timezone)
    for line in collect_download(download, out, the_course(course), options).lines():
        console.print(escape(line), soft_wrap=True)
