"""The command `grader show`, which draws what a learner's module does."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from grader.cli.shared import CourseOption, ExerciseArgument, console, known, the_course


def show(
    exercise: ExerciseArgument,
    out: Annotated[
        Path | None, typer.Option("--out", help="Also write the pictures to this folder, as SVG, PNG and a page.")
    ] = None,
    course: CourseOption = None,
) -> None:
    """Draw what your module does, next to what is expected."""
    loaded = the_course(course)
    exercise = known(loaded, exercise).id
    from grader.pictures.page import show_and_write
    from grader.pictures.terminal import render

    shown, written = show_and_write(loaded, exercise, out)
    if shown.standins:
        alone = f"This shows your {exercise} alone; stand-ins take the place of {', '.join(shown.standins)}."
        console.print(escape(alone), soft_wrap=True)
    for picture in shown.pictures:
        console.print()
        for line in render(picture, console.width):
            console.print(line, soft_wrap=True)
    console.print()
    verdict = "For details" if shown.wrong else "Looks right here; the checks test more"
    console.print(escape(f"{verdict}: grader check {exercise}"), soft_wrap=True)
    if written:
        console.print(escape(f"Written: {written[0]} and {len(written) - 1} files with its pictures"), soft_wrap=True)
