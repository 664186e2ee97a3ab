"""The commands that run the course with nbgrader."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from grader.cli.shared import CourseOption, console, errors, the_course

TOLD_EACH = 10
"""After how many submissions progress is told where there is no terminal."""


nbgrader = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Run the course with nbgrader.")


@nbgrader.command()
def init(
    folder: Annotated[Path, typer.Argument(help="The folder of the nbgrader course; it is made if need be.")],
    force: Annotated[bool, typer.Option("--force", help="Overwrite notebooks that were changed by hand.")] = False,
    course: CourseOption = None,
) -> None:
    """Make an nbgrader course of this one, or make its notebooks anew."""
    from grader.notebooks.need import require_nbgrader

    require_nbgrader()
    from grader.notebooks.init import init_course

    loaded = the_course(course)
    for told in init_course(loaded, folder, force):
        console.print(escape(told), soft_wrap=True)
    first = loaded.assignments[0].id
    console.print(escape(f"Next: cd {folder}; nbgrader generate_assignment {first}"), soft_wrap=True)


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
    from grader.notebooks.need import require_nbgrader

    require_nbgrader()
    from grader.grading.process_start import prepare_processes

    prepare_processes("grader.notebooks.autograde")
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    from grader.notebooks.autograde import Progress
    from grader.notebooks.autograde import autograde as grade_all

    columns = [TextColumn("{task.description:<7}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()]
    with Bars(*columns, console=errors, disable=not errors.is_terminal) as bars:
        graded, saved = bars.add_task("graded", total=None), bars.add_task("saved", total=None)

        def begin(count: int) -> None:
            bars.update(graded, total=count)
            bars.update(saved, total=count)

        def tell(progress: Progress) -> None:
            if progress.text:
                errors.print(escape(progress.text))
            bars.advance(graded, progress.graded)
            bars.advance(saved, progress.saved)
            if progress.saved and not errors.is_terminal:
                count = bars.tasks[saved].completed
                if count % TOLD_EACH == 0:
                    errors.print(f"saved {count:g} of {bars.tasks[saved].total:g}")

        try:
            account = grade_all(folder.resolve(), assignment, jobs, force, tell, begin)
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
