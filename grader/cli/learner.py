"""The commands of somebody who learns."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from grader.cli.shared import CourseOption, console, known, the_course
from grader.course import find_course


def check(
    exercise: Annotated[str | None, typer.Argument(help="The exercise's id; all of them if none is named.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Show every failure in full.")] = False,
    course: CourseOption = None,
) -> None:
    """Run the visible checks on your work in exercises/, as pytest does."""
    import pytest

    from grader.checks.plugin import options_for_pytest

    loaded = the_course(course)
    if exercise is not None:
        known(loaded, exercise)
    files = [str(path) for e, v, path in loaded.check_files() if v == "visible" and exercise in (None, e.id)]
    options = [
        *options_for_pytest(loaded),
        "-p",
        "grader.study.recorder",
        "-q",
        "--no-header",
        *(["--all"] if everything else []),
    ]
    raise typer.Exit(int(pytest.main([*options, *files])))


def watch(
    exercise: Annotated[
        str | None, typer.Argument(help="The exercise you work on; all of them if none is named.")
    ] = None,
    course: CourseOption = None,
) -> None:
    """Check your work whenever you save it, until Ctrl-C."""
    from grader.study.watch.session import Session

    file = course if course is not None else find_course(Path.cwd())
    loaded = the_course(file)
    if exercise is not None:
        known(loaded, exercise)
    try:
        Session(loaded, file, exercise, console).run()
    except KeyboardInterrupt:
        console.print("\nStopped. What has passed is remembered: grader progress")
