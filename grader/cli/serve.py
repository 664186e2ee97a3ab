"""The command `grader serve`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from grader.cli.grading_options import (
    AnonymousOption,
    AssignmentOption,
    FormatsOption,
    JobsOption,
    MarkingOption,
    MarksOption,
    OnlyOption,
    OutOption,
    QuietOption,
    RequireSandboxOption,
    RosterOption,
    TimesOption,
    TrackOption,
    start_importing,
)
from grader.cli.shared import CourseOption, errors, the_course
from grader.course import part_of
from grader.text import printable

if TYPE_CHECKING:
    from grader.api import GradedClass, SubmissionResult


def serve(
    path: Annotated[Path, typer.Argument(help="The folder in which submissions arrive; it may still be empty.")],
    out: OutOption,
    course: CourseOption = None,
    require_sandbox: RequireSandboxOption = False,
    jobs: JobsOption = None,
    only: OnlyOption = None,
    assignment: AssignmentOption = None,
    track: TrackOption = None,
    times: TimesOption = None,
    marks: MarksOption = None,
    formats: FormatsOption = None,
    roster: RosterOption = None,
    marking: MarkingOption = False,
    anonymous: AnonymousOption = False,
    quiet: QuietOption = False,
) -> None:
    """Grade submissions as they arrive, the newest first.

    Results and reports are updated as they come. Stop it with Ctrl-C at any time, and run the same command to continue.
    """
    start_importing()
    from grader.grading.folder import FolderOptions
    from grader.reports import ReportOptions
    from grader.serving import serve as serve_folder

    loaded = part_of(the_course(course), only or [], assignment or [], track or [])
    options = FolderOptions("require" if require_sandbox else "auto", jobs, times=times, marks=tuple(marks or ()))
    reporting = ReportOptions.of(formats or [], roster, marking, anonymous)
    screen = _Screen(out, quiet)
    try:
        serve_folder(path, loaded, out, options, reporting, screen)
    except KeyboardInterrupt:
        # Not rich: the interrupt may have left its buffer open.
        typer.echo("Stopped. The results so far are kept; run the same command to continue.", err=True)
        raise typer.Exit(130) from None


class _Screen:
    """Prints a line for each submission, and for each time that the reports are written."""

    def __init__(self, out: Path, quiet: bool) -> None:
        self._out, self._quiet = out, quiet
        self._said: set[str] = set()

    def graded(self, result: SubmissionResult, known: bool, waiting: int) -> None:
        if self._quiet or known:
            return
        left = f"; {waiting} waiting" if waiting else ""
        self._print(f"graded {printable(result.id, 60)}: {result.score:g} of {result.max_score:g}{left}")

    def reported(self, graded: GradedClass, waiting: int) -> None:
        from grader.grading.notices import as_lines

        # Whose score changed is in the lines above.
        remarks = [remark for remark in graded.remarks if remark not in graded.changes]
        remarks += as_lines(graded.results.notices)
        for remark in remarks:
            if remark not in self._said:
                self._print(remark)
        self._said = set(remarks)
        if not self._quiet:
            number = len(graded.results.submissions)
            count = f"{number} submission{'' if number == 1 else 's'}"
            left = f", {waiting} waiting" if waiting else "; waiting for more (Ctrl-C stops)"
            self._print(f"Written to {self._out}: {count}{left}")

    def problem(self, sentence: str) -> None:
        self._print(sentence)

    def _print(self, text: str) -> None:
        errors.print(escape(text), soft_wrap=True)
