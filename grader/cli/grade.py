"""The command that grades."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from grader.cli.shared import CourseOption, console, errors, the_course


def grade(
    path: Annotated[Path, typer.Argument(help="A submission's folder, or a folder of submissions.")],
    out: Annotated[Path, typer.Option("--out", help="Where results.json and the reports go.")],
    course: CourseOption = None,
    require_sandbox: Annotated[bool, typer.Option("--require-sandbox", help="Refuse to grade without walls.")] = False,
    jobs: Annotated[
        int | None, typer.Option("--jobs", min=1, help="Submissions at a time; one per core by default.")
    ] = None,
    times: Annotated[Path | None, typer.Option("--class", help="Your file of hand-in times and extensions.")] = None,
    marks: Annotated[Path | None, typer.Option("--marks", help="Your file of comments and scores by hand.")] = None,
    formats: Annotated[
        list[str] | None, typer.Option("--format", help="Also write canvas, gradescope, junit or moodle; repeatable.")
    ] = None,
    roster: Annotated[
        Path | None, typer.Option("--roster", help="A CSV file that says who stands behind a submission's id.")
    ] = None,
    scheduler: Annotated[
        str | None, typer.Option("--scheduler", help="Grade on a Dask cluster: tcp://HOST:PORT of its scheduler.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print no progress and no table.")] = False,
    no_replay: Annotated[
        bool, typer.Option("--no-replay", help="Run every check of every submission: slower, with the same results.")
    ] = False,
    again: Annotated[bool, typer.Option("--again", help="Grade anew what an earlier run graded, too.")] = False,
) -> None:
    """Grade submissions with visible and hidden checks; goes on where it was stopped."""
    from grader import grading as engine
    from grader import reports
    from grader.cli.grading_progress import GradingProgress
    from grader.grading.class_files import read_register
    from grader.grading.final_score import adjusted
    from grader.grading.process_start import prepare_processes
    from grader.grading.results import results
    from grader.reports import changes as regrade
    from grader.reports import feedback as report
    from grader.reports.class_table import ClassTable

    loaded = the_course(course)
    order = reports.ReportOptions.of(formats or [], roster)
    folders = engine.find_submissions(path, loaded)
    out.mkdir(parents=True, exist_ok=True)
    submissions = [engine.take_in(folder, loaded) for folder in folders]
    # Mistakes in the instructor's files are told before the long work.
    ids = [submission.id for submission in submissions]
    register = read_register(loaded, ids, engine.beside(path) if folders == [path] else [], times, marks)

    if scheduler is None:
        prepare_processes()
    cache = engine.Cache(out, loaded, sandboxed=require_sandbox)
    if again:
        cache.clear()
    options = engine.GradingOptions("require" if require_sandbox else "auto")
    if no_replay:
        options = dataclasses.replace(options, replay=False)
    with GradingProgress(errors, len(submissions), quiet) as progress:
        try:
            with engine.graders(loaded, jobs, options, scheduler) as graders:
                graded = results(loaded, engine.grade_the_rest(cache, graders, submissions, progress.tell))
        except KeyboardInterrupt:
            errors.print(f"Stopped: {progress.done} of {len(submissions)} graded. The same command goes on from there.")
            raise typer.Exit(130) from None
    graded = adjusted(loaded, graded, register)
    changes = regrade.changes(regrade.read_earlier(out / report.RESULTS_FILE), graded)
    written = reports.write_all(loaded, graded, out, {one.id: one.sources for one in submissions}, order)
    if quiet:
        return
    if len(submissions) == 1:
        console.print(escape(report.feedback(loaded, graded.submissions[0])), soft_wrap=True)
    else:
        console.print(ClassTable(loaded, graded))
    if any(not one.sandboxed for one in graded.submissions):
        console.print("Not sandboxed: the submissions' code ran with your rights. Why: grader doctor")
    for remark in [*register.remarks, *changes, *written.remarks]:
        console.print(escape(remark), soft_wrap=True)
    console.print(escape(f"Written, in {out}: {written.summary(out)}"), soft_wrap=True)
