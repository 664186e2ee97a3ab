"""The commands that write what platforms need to check work themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from grader.cli.shared import CourseOption, console, the_course
from grader.course import part_of

IndexOption = Annotated[
    str,
    typer.Option(
        "--index", metavar="URL", help="A package index to ask as well, such as PyTorch's for CPUs: docs/reports.md."
    ),
]
export = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Let Gradescope or GitHub check work (for instructors)."
)


@export.command()
def gradescope(
    out: Annotated[Path, typer.Argument(metavar="OUT.zip", help="The archive to write.")],
    only: Annotated[
        list[str] | None, typer.Option("--only", metavar="ID,…", help="Grade only these exercises.")
    ] = None,
    assignment: Annotated[
        list[str] | None,
        typer.Option("--assignment", metavar="NAME", help="Grade only the exercises of this assignment."),
    ] = None,
    track: Annotated[
        list[str] | None,
        typer.Option(
            "--track",
            metavar="NAME,…",
            help="Grade only the exercises of these tracks. By default: the default tracks.",
        ),
    ] = None,
    require_sandbox: Annotated[
        bool, typer.Option("--require-sandbox", help="Have it refuse to grade without a sandbox.")
    ] = False,
    minutes: Annotated[
        int, typer.Option("--minutes", min=1, max=40, help="The time limit that the assignment has on Gradescope.")
    ] = 10,
    index: IndexOption = "",
    course: CourseOption = None,
) -> None:
    """Write an autograder for Gradescope.

    The archive has the solutions and the hidden checks, so it is only for you. It replaces no file.
    """
    from grader.export.gradescope import GradescopeOptions, as_lines, export_gradescope

    part = part_of(the_course(course), only or [], assignment or [], track or [])
    for line in as_lines(export_gradescope(part, out, GradescopeOptions(require_sandbox, minutes, index))):
        console.print(escape(line), soft_wrap=True)


@export.command()
def github(
    out: Annotated[Path, typer.Argument(help="The repository that grader release made.")],
    index: IndexOption = "",
) -> None:
    """Write a workflow for students' repositories on GitHub.

    On every push, it runs the visible checks and shows the feedback. It replaces no file.
    """
    from grader.export.github import as_lines, export_github

    for line in as_lines(export_github(out, index)):
        console.print(escape(line), soft_wrap=True)
