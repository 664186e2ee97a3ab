"""The command `grader`: it reads arguments and prints; the work is done elsewhere."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from grader import __version__
from grader.course import Course, find_course, load_course
from grader.errors import CourseError, GraderError, NoReference

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
WIDTH_OF_A_FILE = 120
TOLD_EACH = 10
"""Characters of a line where there is no terminal, and after how many submissions progress is told there."""
console = Console(highlight=False)
if not console.is_terminal:
    console.width = WIDTH_OF_A_FILE
errors = Console(stderr=True, highlight=False, soft_wrap=True)

CourseOption = Annotated[
    Path | None, typer.Option("--course", help="The file course.yaml, if it is not here or above.")
]


def main() -> None:
    """Run the command; our own errors end it with status 2 and a sentence that says what to do."""
    # So that the processes that were started are ended too.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    try:
        app()
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
        bool, typer.Option("--version", help="Print the version and stop.", is_eager=True, callback=_print_version)
    ] = False,
) -> None:
    """Check, grade and build the exercises of the GPT workbook."""


@app.command()
def check(
    exercise: Annotated[str | None, typer.Argument(help="The exercise's id; all of them if none is named.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Show every failure in full.")] = False,
    course: CourseOption = None,
) -> None:
    """Run the visible checks on your work in exercises/, as pytest does."""
    import pytest

    from grader.checks.plugin import options_for_pytest

    loaded = _course(course)
    if exercise is not None:
        _known(loaded, exercise)
    files = [str(path) for e, v, path in loaded.check_files() if v == "visible" and exercise in (None, e.id)]
    options = [*options_for_pytest(loaded), "-q", "--no-header", *(["--all"] if everything else [])]
    raise typer.Exit(int(pytest.main([*options, *files])))


@app.command()
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
    again: Annotated[bool, typer.Option("--again", help="Grade anew what an earlier run graded, too.")] = False,
) -> None:
    """Grade submissions with visible and hidden checks; goes on where it was stopped."""
    from grader.processes import prepare_processes

    if scheduler is None:
        prepare_processes()
    from grader import engine, regrade, report, reports
    from grader.marks import adjusted
    from grader.progress import GradingProgress
    from grader.register import read_register
    from grader.verdict import results

    loaded = _course(course)
    order = reports.Order.of(formats or [], roster)
    folders = engine.find_submissions(path, loaded)
    out.mkdir(parents=True, exist_ok=True)
    submissions = [engine.take_in(folder, loaded) for folder in folders]
    # Mistakes in the instructor's files are told before the long work.
    ids = [submission.id for submission in submissions]
    register = read_register(loaded, ids, engine.beside(path) if folders == [path] else [], times, marks)

    cache = engine.Cache(out, loaded, walled=require_sandbox)
    if again:
        cache.clear()
    manner = engine.Manner("require" if require_sandbox else "auto")
    with GradingProgress(errors, len(submissions), quiet) as progress:
        try:
            with engine.judges(loaded, jobs, manner, scheduler) as judges:
                graded = results(loaded, engine.grade_the_rest(cache, judges, submissions, progress.tell))
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
        console.print(report.class_table(loaded, graded))
        if any(result.together for one in graded.submissions for result in one.exercises.values()):
            console.print("* right in itself, but not together with a wrong or missing exercise that it needs")
    if any(not one.sandboxed for one in graded.submissions):
        console.print("Not sandboxed: the submissions' code ran with your rights. Why: grader doctor")
    for remark in [*register.remarks, *changes, *written.remarks]:
        console.print(escape(remark), soft_wrap=True)
    console.print(escape(f"Written, in {out}: {written.summary(out)}"), soft_wrap=True)


@app.command()
def build(
    dry: Annotated[bool, typer.Option("--check", help="Write nothing; fail where a generated file is stale.")] = False,
    course: CourseOption = None,
) -> None:
    """Make stubs from the solutions and record golden values (for authors)."""
    from grader.build import build as write
    from grader.build import stale_files
    from grader.errors import StaleFiles

    loaded = _course(course)
    stale = stale_files(loaded) if dry else write(loaded)
    names = ", ".join(str(path.relative_to(loaded.root)) for path in stale)
    if dry and stale:
        raise StaleFiles(f"Stale: {names}. Run: grader build")
    console.print(escape(f"Written: {names}" if stale else "Everything generated is up to date."))


@app.command()
def doctor(
    matrix: Annotated[bool, typer.Option("--matrix", help="Run every mistake of the catalogue instead.")] = False,
    exercise: Annotated[str | None, typer.Option("--exercise", help="With --matrix: of this exercise alone.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="With --matrix: where page and pictures go.")] = None,
    course: CourseOption = None,
) -> None:
    """Say what this installation has and lacks, and try each wall of the sandbox; or try the checks on mistakes."""
    from grader.doctor import examine

    if matrix:
        _matrix(_course(course), exercise, out)
        return

    findings = examine()
    for finding in findings:
        word = "ok     " if finding.well else "MISSING" if finding.needed else "WARNING"
        told = f"{word}  {finding.what}: {finding.found}"
        console.print(escape(told if finding.well else f"{told}. To mend it: {finding.mend}"), soft_wrap=True)
    if any(not finding.well and finding.needed for finding in findings):
        raise typer.Exit(2)


nbgrader = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Run the course with nbgrader.")
app.add_typer(nbgrader, name="nbgrader")


@nbgrader.command()
def init(
    folder: Annotated[Path, typer.Argument(help="The folder of the nbgrader course; it is made if need be.")],
    force: Annotated[bool, typer.Option("--force", help="Overwrite notebooks that were changed by hand.")] = False,
    course: CourseOption = None,
) -> None:
    """Make an nbgrader course of this one, or make its notebooks anew."""
    from grader.notebooks.need import require_nbgrader

    require_nbgrader()
    from grader.notebooks.init import init_course

    loaded = _course(course)
    for told in init_course(loaded, folder, force):
        console.print(escape(told), soft_wrap=True)
    first = loaded.assignments[0].id
    console.print(escape(f"Next: cd {folder}; nbgrader generate_assignment {first}"), soft_wrap=True)


@nbgrader.command()
def autograde(
    assignment: Annotated[str, typer.Argument(help="The assignment's id.")],
    folder: Annotated[Path, typer.Option("--folder", help="The folder of the nbgrader course.")] = Path(),
    jobs: Annotated[
        int | None, typer.Option("--jobs", min=1, help="Submissions at a time; one per core by default.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Save again what is saved already.")] = False,
) -> None:
    """Grade all submissions of an assignment on all cores, into nbgrader's gradebook; goes on where it was stopped."""
    from grader.notebooks.need import require_nbgrader

    require_nbgrader()
    from grader.processes import prepare_processes

    prepare_processes("grader.notebooks.autograde")
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    from grader.notebooks.autograde import Progress
    from grader.notebooks.autograde import autograde as grade_all

    columns = [TextColumn("{task.description:<7}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()]
    with Bars(*columns, console=errors, disable=not errors.is_terminal) as bars:
        graded, saved = bars.add_task("graded", total=None), bars.add_task("saved", total=None)

        def begin(count: int) -> None:
            bars.update(graded, total=count)
            bars.update(saved, total=count)

        def tell(progress: Progress) -> None:
            if progress.text:
                errors.print(escape(progress.text))
            bars.advance(graded, progress.graded)
            bars.advance(saved, progress.saved)
            if progress.saved and not errors.is_terminal:
                count = bars.tasks[saved].completed
                if count % TOLD_EACH == 0:
                    errors.print(f"saved {count:g} of {bars.tasks[saved].total:g}")

        try:
            account = grade_all(folder.resolve(), assignment, jobs, force, tell, begin)
        except KeyboardInterrupt:
            errors.print("Stopped. What was graded is kept; the same command goes on from there.")
            raise typer.Exit(130) from None
    console.print(f"{account.saved} submissions graded and saved, {account.before} were before.")
    if account.remarks:
        console.print("Look at these:")
        for student, notes in account.remarks.items():
            console.print(escape(f"  {student}: {' '.join(notes)}"), soft_wrap=True)
    for student, problem in account.problems.items():
        errors.print(escape(f"{student} could not be saved: {problem}"))
    if account.problems:
        raise typer.Exit(1)


def _matrix(course: Course, exercise: str | None, out: Path | None) -> None:
    from grader.matrix import compute
    from grader.matrix_report import require_matplotlib, summary, write_pages

    if exercise is not None:
        _known(course, exercise)
    if out is not None:
        require_matplotlib()
    if exercise is not None and out is not None:
        raise CourseError("The page is about all exercises. Leave out --exercise, or --out.")
    if not course.solutions.is_dir():
        raise NoReference(f"There are no solutions in {course.root}, and so no mistakes to try. Use the whole course.")
    wanted = [one.id for one in course.exercises] if exercise is None else [exercise]
    matrices = compute(course, wanted, done=lambda name: errors.print(escape(f"judged {name}")))
    console.print(summary(matrices))
    if not course.styles.is_dir():
        console.print("There is no folder tests/kit/styles: right answers in other styles were not tried.")
    for one in matrices:
        for sentence in one.broken():
            console.print(escape(f"{one.exercise.id}: {sentence}"), soft_wrap=True)
    if out is not None:
        written = write_pages(matrices, out)
        console.print(f"Written: {escape(str(written[0]))} and {len(written) - 1} pictures", soft_wrap=True)
    if any(one.broken() for one in matrices):
        raise typer.Exit(1)


def _known(course: Course, exercise: str) -> None:
    if exercise not in course.by_id:
        raise CourseError(f"There is no exercise `{exercise}`. There are: {', '.join(course.by_id)}.")


def _course(path: Path | None) -> Course:
    return load_course(path if path is not None else find_course(Path.cwd()))
