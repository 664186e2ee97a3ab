"""The commands that run the course with nbgrader."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from grader.cli.shared import CourseOption, console, errors, the_course

nbgrader = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Run the course with nbgrader.")


@nbgrader.command()
def init(
    folder: Annotated[Path, typer.Argument(help="The folder of the nbgrader course; it is made if need be.")],
    force: Annotated[bool, typer.Option("--force", help="Overwrite notebooks that were changed by hand.")] = False,
    course: CourseOption = None,
) -> None:
    """Make an nbgrader course of this one, or make its notebooks anew."""
    from grader.notebooks.commands import init as make_course

    for line in make_course(the_course(course), folder, force):
        console.print(escape(line), soft_wrap=True)


@nbgrader.command()
def autograde(
    assignment: Annotated[str, typer.Argument(help="The assignment's id.")],
    folder: Annotated[Path, typer.Option("--folder", help="The folder of the nbgrader course.")] = Path(),
    jobs: Annotated[
        int | None, typer.Option("--jobs", min=1, help="Submissions at a time; one per core by default.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Save again what is saved already.")] = False,
) -> None:
    """Grade all submissions of an assignment on all cores, into nbgrader's gradebook; goes on where it was stopped."""
    from grader.cli.grading_progress import SavingProgress
    from grader.notebooks.commands import autograde as grade_all

    with SavingProgress(errors) as progress:
        try:
            account = grade_all(folder, assignment, jobs, force, progress.tell, progress.begin)
        except KeyboardInterrupt:
            errors.print("Stopped. What was graded is kept; the same command goes on from there.")
            raise typer.Exit(130) from None
    console.print(f"{account.saved} submissions graded and saved, {account.before} were before.")
    if account.remarks:
        console.print("Look at these:")
        for student, notes in account.remarks.items():
            console.print(escape(f"  {student}: {' '.join(notes)}"), soft_wrap=True)
    for student, problem in account.problems.items():
        errors.print(escape(f"{student} could not be saved: {problem}"))
    if account.problems:
        raise typer.Exit(1)
