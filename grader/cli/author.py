"""The commands of those who write exercises, and of those who look at what is installed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from grader.cli.shared import CourseOption, console, errors, known, the_course
from grader.course import Course
from grader.errors import NoReference


def build(
    exercise: Annotated[str | None, typer.Argument(help="Of this exercise alone.", show_default="all")] = None,
    dry: Annotated[bool, typer.Option("--check", help="Write nothing; fail where a generated file is stale.")] = False,
    course: CourseOption = None,
) -> None:
    """Make stubs from the solutions and record golden values (for authors)."""
    from grader.authoring.generate import build as write
    from grader.authoring.generate import stale_files
    from grader.errors import StaleFiles

    loaded = the_course(course)
    only = None
    if exercise is not None:
        known(loaded, exercise)
        only = loaded.by_id[exercise]
    stale = stale_files(loaded, only) if dry else write(loaded, only)
    names = ", ".join(str(path.relative_to(loaded.root)) for path in stale)
    if dry and stale:
        raise StaleFiles(f"Stale: {names}. Run: grader build{f' {exercise}' if exercise else ''}")
    console.print(escape(f"Written: {names}" if stale else "Everything generated is up to date."))


def doctor(
    matrix: Annotated[bool, typer.Option("--matrix", help="Run every mistake of the catalogue instead.")] = False,
    exercise: Annotated[str | None, typer.Option("--exercise", help="With --matrix: of this exercise alone.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="With --matrix: where page and pictures go.")] = None,
    course: CourseOption = None,
) -> None:
    """Say what this installation has and lacks, and try each wall of the sandbox; or try the checks on mistakes."""
    from grader.doctor.installation import examine

    if matrix:
        _matrix(the_course(course), exercise, out)
        return

    findings = examine()
    for finding in findings:
        console.print(escape(str(finding)), soft_wrap=True)
    if all(finding.well or not finding.needed for finding in findings):
        console.print("All that learning needs is here.")
    if any(not finding.well and finding.needed for finding in findings):
        raise typer.Exit(2)


def _matrix(course: Course, exercise: str | None, out: Path | None) -> None:
    from grader.authoring.matrix import compute
    from grader.authoring.matrix_page import require_matplotlib, summary, write_pages

    if exercise is not None:
        known(course, exercise)
    if out is not None:
        require_matplotlib()
    if not course.has_solutions:
        raise NoReference(f"There are no solutions in {course.root}, and so no mistakes to try. Use the whole course.")
    wanted = [one.id for one in course.exercises] if exercise is None else [exercise]
    matrices = compute(course, wanted, done=lambda name: errors.print(escape(f"judged {name}")))
    console.print(summary(matrices))
    if not course.styles.is_dir():
        console.print("There is no folder solutions/styles: right answers in other styles were not tried.")
    for one in matrices:
        for sentence in one.broken():
            console.print(escape(f"{one.exercise.id}: {sentence}"), soft_wrap=True)
    if out is not None:
        written = write_pages(matrices, out, None if exercise is None else course)
        console.print(f"Written: {escape(str(written[0]))} and {len(written) - 1} pictures", soft_wrap=True)
    if any(one.broken() for one in matrices):
        raise typer.Exit(1)
