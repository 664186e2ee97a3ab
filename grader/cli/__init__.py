"""The command `grader`: reads arguments, calls the code that does the work, and prints."""

from __future__ import annotations

import io
import signal
import sys
from collections.abc import Callable
from typing import Annotated

import typer
from rich.markup import escape

from grader import __version__
from grader.cli import (
    ask,
    author,
    capstone,
    collect,
    export,
    grade,
    hand_in,
    learner,
    marks,
    misconception,
    nbgrader,
    new,
    notebooks,
    pictures,
    practice,
    release,
    serve,
    site,
    study,
)
from grader.cli.shared import console, errors
from grader.errors import GraderError
from grader.writing import cannot_write_anywhere, not_written

__all__ = ["app", "main"]

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False)


def main() -> None:
    """Run the command; one of our own errors ends it with status 2 and a sentence that says what to do."""
    # An exit, unlike the signal itself, also ends the processes that we started.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A name or a sentence may have characters that this terminal's encoding hasn't.
            stream.reconfigure(errors="backslashreplace")
    try:
        app()
    except OSError as error:
        if not cannot_write_anywhere(error):
            raise
        errors.print(f"[red]{escape(str(not_written(error.filename or 'A file', error)))}[/red]")
        raise SystemExit(2) from None
    except GraderError as error:
        errors.print(f"[red]{escape(str(error))}[/red]")
        raise SystemExit(2) from None


def _print_version(wanted: bool) -> None:
    if wanted:
        console.print(f"grader {__version__}")
        raise typer.Exit


@app.callback()
def common(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", is_eager=True, callback=_print_version)
    ] = False,
) -> None:
    """Check, grade and build the exercises of a course."""


_COMMANDS: tuple[Callable[..., None], ...] = (
    learner.check,
    learner.watch,
    pictures.show,
    capstone.capstone,
    study.progress,
    study.track,
    study.lesson,
    practice.predict,
    practice.review,
    practice.bugs,
    study.hint,
    study.solution,
    study.reset,
    notebooks.notebooks,
    ask.ask,
    hand_in.hand_in,
    release.release,
    collect.collect,
    grade.grade,
    serve.serve,
    marks.marks,
    collect.return_feedback,
    author.build,
    author.questions,
    author.matrix,
    author.prove,
    author.doctor,
    site.site,
)
_NAMES = {collect.return_feedback: "return"}
"""The names of commands whose functions can't have them."""
for _command in _COMMANDS:
    app.command(_NAMES.get(_command))(_command)
app.add_typer(study.checkpoint, name="checkpoint")
app.add_typer(new.new, name="new")
app.add_typer(export.export, name="export")
app.add_typer(misconception.misconception, name="misconception")
app.add_typer(nbgrader.nbgrader, name="nbgrader")
