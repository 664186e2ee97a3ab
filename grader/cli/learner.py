"""The commands of somebody who learns."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Annotated

import typer

from grader.cli.shared import CourseOption, JsonOption, console, exercise_ids, known, print_notice, the_course
from grader.course import find_course


def check(
    exercise: Annotated[
        str | None,
        typer.Argument(help="The exercise's id; those on your track if you leave it out.", autocompletion=exercise_ids),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Show every failure in full.")] = False,
    strict: Annotated[
        bool,
        typer.Option("--strict", help="End with status 1 unless every check passed, even if nothing is written yet."),
    ] = False,
    hidden: Annotated[
        bool,
        typer.Option("--hidden", help="Also run the hidden checks, if this copy has them, and show all of a failure."),
    ] = False,
    in_json: JsonOption = False,
    course: CourseOption = None,
) -> None:
    """Run the visible checks on your work in exercises/.

    Running pytest does the same.
    """
    from grader.study.checking import run_checks

    loaded = the_course(course)
    if exercise is not None:
        exercise = known(loaded, exercise).id
    raise typer.Exit(run_checks(loaded, exercise, everything, strict, hidden, in_json))


def watch(
    exercise: Annotated[
        str | None,
        typer.Argument(
            help="The exercise you are working on; those on your track if you leave it out.",
            autocompletion=exercise_ids,
        ),
    ] = None,
    course: CourseOption = None,
) -> None:
    """Check your work every time you save it.

    Press Ctrl-C to stop.
    """
    from grader.study.tracks import on_track
    from grader.study.watch.session import Session

    file = course if course is not None else find_course(Path.cwd())
    loaded = the_course(file)
    if exercise is not None:
        exercise = known(loaded, exercise).id
    shown = on_track(loaded, print_notice, [] if exercise is None else [*loaded.all_needs(exercise), exercise])
    # Ctrl-C before the session listens to it.
    with contextlib.suppress(KeyboardInterrupt):
        Session(shown, file, exercise, console).run()
    console.print("\nStopped. What you have passed so far: grader progress")
