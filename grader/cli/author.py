"""The commands for authors of exercises, and `grader doctor`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from grader.cli.shared import CourseOption, console, errors, known, the_course


def build(
    exercise: Annotated[str | None, typer.Argument(help="Only this exercise.", show_default="all")] = None,
    dry: Annotated[bool, typer.Option("--check", help="Write nothing; fail if a generated file is stale.")] = False,
    course: CourseOption = None,
) -> None:
    """Generate files from the solutions (for authors).

    These are the stubs, golden records and cases.
    """
    from grader.authoring.generate import build as write

    loaded = the_course(course, exercise)
    written = write(loaded, None if exercise is None else known(loaded, exercise), check=dry)
    names = ", ".join(str(path.relative_to(loaded.root)) for path in written)
    console.print(escape(f"Written: {names}" if written else "All generated files are up to date."))
    for draft in loaded.drafts:
        notice = f"`{draft}` is a draft and was left out. To see what is missing: grader new exercise {draft}"
        console.print(escape(notice), soft_wrap=True)


def questions(
    exercise: Annotated[str | None, typer.Argument(help="Only this exercise.", show_default="all")] = None,
    dry: Annotated[bool, typer.Option("--check", help="Write nothing; fail if a file is stale.")] = False,
    course: CourseOption = None,
) -> None:
    """Write the questions of grader predict (for authors).

    It says how many were considered, and why the others were rejected.
    """
    from grader.practice.question_files import write_files

    loaded = the_course(course, exercise)
    stale = []
    for written in write_files(loaded, None if exercise is None else known(loaded, exercise), dry):
        counts = f"{len(written.book.before)} questions before, {len(written.book.after)} after"
        console.print(escape(f"{written.exercise}: {counts}, chosen from {written.considered} simple cases"))
        for reason, count in written.rejected.most_common():
            console.print(escape(f"  {count} left out because {reason}"), soft_wrap=True)
        stale += [written.exercise] if written.is_new else []
    if dry and stale:
        console.print(escape(f"The questions of {', '.join(stale)} are stale. Write them: grader questions"))
        raise typer.Exit(1)


def matrix(
    exercise: Annotated[str | None, typer.Argument(help="Only this exercise.", show_default="all")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Also write the page and its pictures to this folder.")
    ] = None,
    course: CourseOption = None,
) -> None:
    """Run every known mistake through the checks (for authors).

    It also runs every correct answer, and lists the rules that are broken.
    """
    from grader.authoring.matrix_page import run_matrix, summary

    loaded = the_course(course, exercise)
    if exercise is not None:
        exercise = known(loaded, exercise).id
    run = run_matrix(loaded, exercise, out, done=lambda name: errors.print(escape(f"checked {name}")))
    console.print(summary(run.matrices))
    for sentence in (*run.remarks, *run.broken):
        console.print(escape(sentence), soft_wrap=True)
    if run.written:
        console.print(escape(f"Written: {run.written[0]} and {len(run.written) - 1} pictures"), soft_wrap=True)
    if run.broken:
        raise typer.Exit(1)


def prove(
    exercises: Annotated[
        list[str] | None, typer.Argument(help="Only these exercises.", show_default="what changed")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Also prove again what hasn't changed.")] = False,
    dry: Annotated[
        bool, typer.Option("--check", help="Prove nothing; fail if something has changed since it was proven.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(help="Also write the matrices of these exercises into this folder's page.")
    ] = None,
    course: CourseOption = None,
) -> None:
    """Prove that the checks are right (for authors).

    A proof runs every mistake, which must fail its own check, and every correct answer, which must pass.
    """
    from grader.authoring.proving import prove_what_changed

    loaded = the_course(course)
    names = [known(loaded, name).id for name in exercises or []]
    proofs = prove_what_changed(loaded, names, everything, dry, lambda line: errors.print(escape(line)), out)
    for problem in proofs.problems:
        console.print(escape(str(problem)), soft_wrap=True)
    if proofs.problems:
        raise typer.Exit(1)
    console.print(escape(str(proofs)))


def doctor() -> None:
    """Check the installation and the sandbox.

    It shows what is installed and what is missing, and tests each protection of the sandbox.
    """
    from grader.doctor import examine

    examination = examine()
    for finding in examination.findings:
        console.print(escape(str(finding)), soft_wrap=True)
    if not examination.well:
        raise typer.Exit(2)
    console.print("Everything you need to work through the course is installed.")
    for line in examination.for_instructors:
        console.print(escape(line), soft_wrap=True)
