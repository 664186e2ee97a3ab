"""The command `grader grade`."""

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
from grader.cli.shared import CourseOption, console, errors, the_course
from grader.course import part_of
from grader.errors import UsageError

if TYPE_CHECKING:
    from grader.api import GradedClass


def grade(
    out: OutOption,
    path: Annotated[
        Path | None,
        typer.Argument(help="The folder of one submission, or a folder of such folders.", show_default=False),
    ] = None,
    one: Annotated[
        Path | None,
        typer.Option("--one", help="One submission, a folder or a file; it gets a result whatever is in it."),
    ] = None,
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
    scheduler: Annotated[
        str | None,
        typer.Option("--scheduler", metavar="tcp://HOST:PORT", help="Grade on the Dask cluster with this scheduler."),
    ] = None,
    quiet: QuietOption = False,
    no_replay: Annotated[
        bool, typer.Option("--no-replay", help="Run every check, even if an identical answer was already graded.")
    ] = False,
    regrade: Annotated[
        bool, typer.Option("--regrade", help="Ignore the results of earlier runs, and grade everything again.")
    ] = False,
) -> None:
    """Grade submissions with the visible and hidden checks.

    If you interrupt it, run the same command to continue. The exit status is 1 if something that was handed in could
    not be graded (the list "Look at these" names it), and 2 if nothing was graded.
    """
    if scheduler is None:
        start_importing()
    from grader.api import grade_and_report
    from grader.cli.grading_progress import GradingProgress
    from grader.grading.folder import FolderOptions
    from grader.grading.notices import as_lines

    loaded = part_of(the_course(course), only or [], assignment or [], track or [])
    options = FolderOptions(
        "require" if require_sandbox else "auto",
        jobs,
        scheduler,
        times,
        tuple(marks or ()),
        regrade,
        one is not None,
        not no_replay,
    )
    submissions = either(path, one)
    with GradingProgress(errors, quiet) as progress:
        try:
            graded = grade_and_report(
                submissions,
                loaded,
                out,
                options,
                formats or [],
                roster,
                progress.begin,
                progress.advance,
                marking,
                anonymous,
            )
        except KeyboardInterrupt:
            errors.print(f"Stopped: {progress.done} of {progress.count} graded. Run the same command to continue.")
            raise typer.Exit(130) from None
    notices = graded.results.notices
    if not quiet:
        _show(graded, out)
    # The next run wouldn't say these again, so they are printed even with --quiet.
    for remark in graded.news if quiet else graded.remarks:
        console.print(escape(remark), soft_wrap=True)
    for line in as_lines(notices):
        console.print(escape(line), soft_wrap=True)
    if not graded.is_complete:
        raise typer.Exit(1)


def either(path: Path | None, one: Path | None) -> Path:
    """Return the path to grade.

    Raises:
        UsageError: there is none, or there are two.
    """
    if path is None and one is None:
        raise UsageError("Name what to grade: a folder of submissions, or one submission with --one PATH")
    if path is not None and one is not None:
        raise UsageError(f"Name either a folder of submissions or --one {one}, not both.")
    return path or one or Path()


def _show(graded: GradedClass, out: Path) -> None:
    """Print the feedback of a single submission or the table of a class, and what else there is to know."""
    from grader.reports.class_table import ClassTable
    from grader.reports.feedback import feedback

    submissions = graded.results.submissions
    if len(submissions) == 1:
        console.print(escape(feedback(graded.course, submissions[0], graded.roster)), soft_wrap=True)
    else:
        console.print(ClassTable(graded.course, graded.results, graded.roster))
    console.print(escape(f"Written to {out}: {graded.written.summary(out)}"), soft_wrap=True)
