"""The command that writes notebooks for learners."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from grader.cli.shared import CourseOption, console, exercise_ids, known, print_notice, the_course


def notebooks(
    folder: Annotated[Path, typer.Argument(help="The folder for the notebooks; created if it doesn't exist.")],
    exercises: Annotated[
        list[str] | None,
        typer.Argument(
            help="The ids of exercises; those on your track if you leave them out.", autocompletion=exercise_ids
        ),
    ] = None,
    course: CourseOption = None,
) -> None:
    """Write exercises as notebooks to work in.

    Each has the lesson, the stub and the visible checks.
    """
    from grader.notebooks.commands import for_a_learner

    loaded = the_course(course)
    names = [known(loaded, name).id for name in exercises or []]
    for line in for_a_learner(loaded, names, folder, print_notice):
        console.print(escape(line), soft_wrap=True)
