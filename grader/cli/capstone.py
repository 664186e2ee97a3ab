"""The command that puts the learner's modules together."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from grader.cli.shared import CourseOption, console, errors, the_course
from grader.errors import UsageError


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
    """Put your modules together, train the GPT, let it write; the same command goes on where it was stopped."""
    if steps is not None and minutes is not None:
        raise UsageError("--steps and --minutes both say how long to train. Leave one of them out.")
    loaded = the_course(course)
    folder = submission if submission is not None else loaded.stubs
    if not folder.is_dir():
        raise UsageError(f"{folder} is not a folder. Name one that holds modules: --submission exercises")

    from grader.study.capstone import CapstoneOptions, Parts, choose_parts, load_capstone, the_capstone

    the_capstone(loaded)
    shown, passing = (Console(quiet=True), Console(quiet=True)) if quiet else (console, errors)
    order = CapstoneOptions(out, seed, shown, passing, steps, minutes, text, device, restart)
    try:
        package = load_capstone(loaded)
        if hasattr(package, "look_at"):
            # What is wrong with the order is told before the checks take their time.
            package.look_at(order)
        with passing.status("Looking at your modules ...") as status:
            kept = out / "checked.json"
            chosen = choose_parts(loaded, folder, kept, lambda name: status.update(f"Checking your {name} ..."))
        parts = Parts(chosen)
        try:
            package.run(parts, order)
        finally:
            parts.close()
    except KeyboardInterrupt:
        errors.print(escape("Stopped. What was learned is kept; the same command goes on from there."))
        raise typer.Exit(130) from None
