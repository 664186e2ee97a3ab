"""The options of the commands that grade a folder, and how these begin."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Annotated

import typer

from grader.errors import GraderError

OutOption = Annotated[Path, typer.Option("--out", help="The folder for results.json and the reports.")]
RequireSandboxOption = Annotated[bool, typer.Option("--require-sandbox", help="Refuse to grade without a sandbox.")]
JobsOption = Annotated[
    int | None,
    typer.Option("--jobs", min=1, metavar="N", help="How many processes grade at once; one per core by default."),
]
OnlyOption = Annotated[
    list[str] | None,
    typer.Option(
        "--only",
        metavar="ID,…",
        help="Grade only these exercises, and leave the others out of scores, reports and tables.",
    ),
]
AssignmentOption = Annotated[
    list[str] | None,
    typer.Option("--assignment", metavar="NAME", help="Grade only the exercises of this assignment."),
]
TrackOption = Annotated[
    list[str] | None,
    typer.Option(
        "--track",
        metavar="NAME,…",
        help="Grade only the exercises of these tracks. By default: the course's default tracks, and whatever else was "
        "handed in.",
    ),
]
TimesOption = Annotated[Path | None, typer.Option("--times", help="Your file of submission times and extensions.")]
MarksOption = Annotated[
    list[Path] | None,
    typer.Option("--marks", help="Your file of comments, scores and rubric items. You can repeat this option."),
]
FormatsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--format",
        metavar="canvas|gradescope|junit|moodle",
        help="Also write a file in this format. You can repeat this option.",
    ),
]
RosterOption = Annotated[
    Path | None, typer.Option("--roster", help="A CSV file that maps submission ids to names and logins.")
]
MarkingOption = Annotated[
    bool, typer.Option("--marking", help="Also write a page per submission for markers, with code and failures.")
]
AnonymousOption = Annotated[
    bool,
    typer.Option("--anonymous", help="The same, with pseudonyms in place of names; names.csv says whose they are."),
]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Print no progress and no table, only remarks.")]


def start_importing() -> None:
    """Start the process that imports torch, so that it does so while this one reads the course and the submissions."""
    from grader.grading.process_start import prepare_processes

    # If it can't be started, grading says why.
    with contextlib.suppress(GraderError):
        prepare_processes()
