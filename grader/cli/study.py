"""The commands of somebody who studies: where they stand, going back, hints, answers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from grader.cli.shared import CourseOption, console, errors, known, the_course
from grader.course import Course

checkpoint = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="See, compare and restore code that passed.")

ExerciseArgument = Annotated[str, typer.Argument(help="The exercise's id.")]


def progress(course: CourseOption = None) -> None:
    """Show the ladder: what has passed, what was tried, what is next."""
    from grader.study.commands import standing
    from grader.study.progress import ladder_table

    loaded = the_course(course)
    now = standing(loaded, _tell)
    console.print(ladder_table(loaded, now.rungs))
    console.print()
    for sentence in now.advice:
        console.print(escape(sentence))


@checkpoint.command("list")
def list_checkpoints(course: CourseOption = None) -> None:
    """List what has passed, and when."""
    from grader.study.commands import passed

    exercises = passed(the_course(course), _tell)
    for exercise in exercises:
        when = f"  {exercise.when}" if exercise.when else ""
        console.print(escape(f"{exercise.exercise}{when}  {exercise.told}"))
    if not exercises:
        console.print("Nothing has passed yet. See what is next: grader progress")


@checkpoint.command("diff")
def compare(exercise: ExerciseArgument, course: CourseOption = None) -> None:
    """Show what has changed since an exercise passed."""
    from rich.syntax import Syntax

    from grader.study.commands import changes_since_passed

    lines = changes_since_passed(_course_with(course, exercise), exercise, _tell)
    if not lines:
        console.print(f"{exercise} is the code that passed.")
        return
    console.print(Syntax("\n".join(lines), "diff", theme="ansi_dark", background_color="default", word_wrap=True))
    console.print(f"Go back to what passed: grader checkpoint restore {exercise}")


@checkpoint.command()
def restore(exercise: ExerciseArgument, course: CourseOption = None) -> None:
    """Go back to the code that passed; what you have now is kept."""
    from grader.study.commands import restore as go_back

    loaded = _course_with(course, exercise)
    done = go_back(loaded, exercise, _tell)
    if not done.changed:
        console.print(f"{exercise} is the code that passed. Nothing was changed.")
        return
    console.print(f"exercises/{exercise}.py is the code that passed again.")
    _tell_where(loaded, done.kept)


def reset(exercise: ExerciseArgument, course: CourseOption = None) -> None:
    """Give an exercise's stub back; what you have written is kept."""
    from grader.study.work import reset as go_back

    loaded = _course_with(course, exercise)
    done = go_back(loaded, exercise)
    if not done.changed:
        console.print(f"exercises/{exercise}.py is the stub already. Nothing was changed.")
        return
    console.print(f"exercises/{exercise}.py is the stub again.")
    _tell_where(loaded, done.kept)


def hint(
    exercise: ExerciseArgument,
    repeat: Annotated[bool, typer.Option("--repeat", help="Show the hints that you have already taken.")] = False,
    course: CourseOption = None,
) -> None:
    """Give the next hint: about a mistake that was found, then from the general to the particular."""
    from grader.study.commands import take_hint

    taken = take_hint(_course_with(course, exercise), exercise, repeat, _tell)
    for each in taken.hints:
        if each.did:
            console.print(escape(f"Your last run: {each.did}"))
        label = f"Hint {each.place} of {each.of}" if each.place else "Hint"
        console.print(escape(f"{label}: {each.text}"))
    if taken.counted:
        console.print("This course counts the hints that you take: grader progress shows how many.")


def solution(exercise: ExerciseArgument, course: CourseOption = None) -> None:
    """Show the answer to an exercise that you have passed, and other ways to write it."""
    from rich.markdown import Markdown
    from rich.syntax import Syntax

    from grader.study.commands import answer

    shown = answer(_course_with(course, exercise), exercise, _tell)
    console.print(Syntax(shown.code, "python", theme="ansi_dark", background_color="default", word_wrap=True))
    if shown.approaches:
        console.print(Markdown(shown.approaches, code_theme="ansi_dark"))


def _course_with(path: CourseOption, exercise: str) -> Course:
    course = the_course(path)
    known(course, exercise)
    return course


def _tell(sentence: str) -> None:
    errors.print(escape(sentence))


def _tell_where(course: Course, kept: Path | None) -> None:
    from grader.study.folder import shown

    if kept is not None:
        console.print(escape(f"What you had is kept: {shown(course, kept)}"), soft_wrap=True)
