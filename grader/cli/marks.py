"""The command `grader marks`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from grader.cli.shared import CourseOption, console, the_course


def marks(
    graded: Annotated[Path, typer.Argument(help="The folder that `grader grade` wrote.")],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="PATH", help="The file to write, or the folder with --by; by default marks.yaml."
        ),
    ] = None,
    roster: Annotated[
        Path | None, typer.Option("--roster", help="The CSV file with names, sections and markers.")
    ] = None,
    section: Annotated[str, typer.Option("--section", metavar="NAME", help="Only this section of the roster.")] = "",
    marker: Annotated[
        str, typer.Option("--marker", metavar="NAME", help="Only what this teaching assistant marks.")
    ] = "",
    by: Annotated[
        str, typer.Option("--by", metavar="section|marker", help="Write a file for each section or marker.")
    ] = "",
    anonymous: Annotated[bool, typer.Option("--anonymous", help="Write pseudonyms in place of ids and names.")] = False,
    course: CourseOption = None,
) -> None:
    """Write empty marks to fill in, with what failed as comments.

    There is an entry for each submission that was graded. No file is ever replaced.
    """
    from grader.reports.marking import TemplateRequest, write_templates

    request = TemplateRequest(out, roster, section, marker, by, anonymous)
    for line in write_templates(the_course(course), graded, request):
        console.print(escape(line), soft_wrap=True)
