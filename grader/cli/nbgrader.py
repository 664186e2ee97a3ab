"""The commands for using the course with nbgrader."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from grader.cli.shared import CourseOption, console, errors, the_course
from grader.course import default_part

nbgrader = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Use the course with nbgrader.")


@nbgrader.command()
def init(
    folder: Annotated[Path, typer.Argument(help="The folder for the nbgrader course; created if it doesn't exist.")],
    force: Annotated[bool, typer.Option("--force", help="Also overwrite notebooks that you have edited.")] = False,
    track: Annotated[
        list[str] | None,
        typer.Option("--track", metavar="NAME,…", help="Make notebooks for these tracks instead of the default ones."),
    ] = None,
    course: CourseOption = None,
) -> None:
    """Create an nbgrader course, or update its notebooks."""
    from grader.notebooks.commands import init as make_course

    for line in make_course(default_part(the_course(course), track or []), folder, force):
        console.print(escape(line), soft_wrap=True)


@nbgrader.command()
def autograde(
    assignment: Annotated[str, typer.Argument(help="The assignment's id.")],
    folder: Annotated[Path, typer.Option("--folder", help="The folder of the nbgrader course.")] = Path(),
    jobs: Annotated[
        int | None,
        typer.Option(
            "--jobs", min=1, metavar="N", help="How many submissions to grade at once; one per core by default."
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Save every submission again, changed or not.")] = False,
) -> None:
    """Grade an assignment into nbgrader's gradebook.

    It uses all cores. If you interrupt it, run the same command to continue.
    """
    from grader.cli.grading_progress import SavingProgress
    from grader.grading.notices import as_lines
    from grader.notebooks.commands import autograde as grade_all

    with SavingProgress(errors) as progress:
        try:
            account = grade_all(folder, assignment, jobs, force, progress.advance, progress.begin)
        except KeyboardInterrupt:
            errors.print("Stopped. The grades so far are kept; run the same command to continue.")
            raise typer.Exit(130) from None
    console.print(f"{account.saved} submissions graded and saved; {account.before} saved earlier.")
    for line in as_lines(account.notices):
        console.print(escape(line), soft_wrap=True)
    if not account.is_complete:
        raise typer.Exit(1)
