"""The command that puts the learner's modules together."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from grader.cli.shared import CourseOption, console, errors, the_course


def capstone(
    text: Annotated[Path | None, typer.Option("--text", help="Train on a text of yours, a file in UTF-8.")] = None,
    steps: Annotated[int | None, typer.Option("--steps", min=1, help="How many training steps to take.")] = None,
    minutes: Annotated[
        float | None, typer.Option("--minutes", min=0.01, help="Take as many steps as fit into so many minutes.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Another seed, another start and order.")] = 0,
    out: Annotated[Path, typer.Option("--out", help="Where model, curve and samples go.")] = Path("build/capstone"),
    device: Annotated[str, typer.Option("--device", help="cpu, cuda or mps; a GPU if there is one.")] = "auto",
    submission: Annotated[
        Path | None, typer.Option("--submission", help="The folder with your modules, if it is not exercises/.")
    ] = None,
    restart: Annotated[
        bool, typer.Option("--restart", help="Start from the beginning; the files of an earlier run are kept.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing.")] = False,
    course: CourseOption = None,
) -> None:
    """Put your modules together and let them work; the same command continues where it was stopped."""
    loaded = the_course(course)
    from grader.study.capstone import CapstoneOptions, run_capstone

    shown, passing = (Console(quiet=True), Console(quiet=True)) if quiet else (console, errors)
    try:
        run_capstone(
            loaded, CapstoneOptions(out, seed, shown, passing, steps, minutes, text, device, restart), submission
        )
    except KeyboardInterrupt:
        errors.print(escape("Stopped. What was learned is kept; the same command goes on from there."))
        raise typer.Exit(130) from None
