"""The command that makes what students get."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.markup import escape

from grader.cli.shared import CourseOption, console, the_course
from grader.errors import UsageError


def release(
    out: Annotated[Path, typer.Argument(help="Where to write it: a folder that doesn't exist yet or is empty.")],
    track: Annotated[
        list[str] | None,
        typer.Option(
            "--track", help="Release only this track's exercises, and those they build on; repeat it for several."
        ),
    ] = None,
    zipped: Annotated[bool, typer.Option("--zip", help="Write an archive, OUT.zip.")] = False,
    git: Annotated[bool, typer.Option("--git", help="Write a git repository with exactly one commit.")] = False,
    engine: Annotated[
        Literal["copy", "pip"],
        typer.Option("--engine", help="Whether the grader is in the release, or is installed by pip."),
    ] = "copy",
    course: CourseOption = None,
) -> None:
    """Write what students get (for instructors)."""
    from grader.release.making import as_lines, release

    if zipped and git:
        raise UsageError("--zip and --git ask for different things. Use only one of them.")
    form: Literal["folder", "zip", "git"] = "zip" if zipped else "git" if git else "folder"
    for line in as_lines(release(the_course(course), out, track or [], form, engine)):
        console.print(escape(line), soft_wrap=True)
