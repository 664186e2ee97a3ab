"""The command `grader capstone`, which combines the learner's modules."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from grader.cli.shared import CourseOption, console, errors, the_course


def capstone(
    task: Annotated[
        str,
        typer.Argument(
            metavar="classify|instruct",
            help="What to do with the trained model: fine-tune it to classify texts, or to follow instructions.",
            show_default=False,
        ),
    ] = "",
    text: Annotated[Path | None, typer.Option("--text", help="Train on your own text, a file in UTF-8.")] = None,
    steps: Annotated[int | None, typer.Option("--steps", min=2, help="The number of training steps.")] = None,
    minutes: Annotated[
        float | None, typer.Option("--minutes", min=0.01, help="Take as many steps as fit into this many minutes.")
    ] = None,
    seed: Annotated[
        int, typer.Option("--seed", min=0, help="Seed for the initial weights and the order of the data.")
    ] = 0,
    out: Annotated[
        Path, typer.Option("--out", help="The folder for the model, the loss curve and the samples.")
    ] = Path("build/capstone"),
    device: Annotated[str, typer.Option("--device", help="cpu, cuda, mps, or auto: a GPU if there is one.")] = "auto",
    submission: Annotated[
        Path | None, typer.Option("--submission", help="The folder with your modules, if it isn't exercises/.")
    ] = None,
    say: Annotated[str, typer.Option("--say", help="A text for your GPT to continue.")] = "",
    milestone: Annotated[
        str,
        typer.Option(
            "--milestone", metavar="attention|babble", help="Show what the parts that you have can do already."
        ),
    ] = "",
    gpt2: Annotated[
        str,
        typer.Option(
            "--gpt2",
            metavar="FOLDER",
            help="Write with the published weights of GPT-2, in a folder or from Hugging Face.",
        ),
    ] = "",
    restart: Annotated[
        bool, typer.Option("--restart", help="Start over; the files of the earlier run are kept.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing.")] = False,
    course: CourseOption = None,
) -> None:
    """Run the capstone of your modules, or fine-tune its model.

    If you interrupt it, run the same command to continue.
    """
    loaded = the_course(course)
    from grader.study.capstone import CapstoneOptions, run_capstone

    output, progress = (Console(quiet=True), Console(quiet=True)) if quiet else (console, errors)
    try:
        options = CapstoneOptions(
            out, seed, output, progress, steps, minutes, text, device, restart, milestone, gpt2, say, task
        )
        run_capstone(loaded, options, submission)
    except KeyboardInterrupt:
        errors.print(escape("Stopped. The training so far is kept; run the same command to continue."))
        raise typer.Exit(130) from None
