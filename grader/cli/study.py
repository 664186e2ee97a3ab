"""The commands for learners: progress, lessons, checkpoints, hints and answers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from grader.cli.shared import (
    CourseOption,
    ExerciseArgument,
    JsonOption,
    console,
    exercise_ids,
    known,
    paged,
    print_notice,
    the_course,
)
from grader.course import Course

checkpoint = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="List, compare and restore code that passed."
)


def progress(
    exercise: Annotated[
        str | None,
        typer.Argument(
            help="Only this exercise; those on your track if you leave it out.", autocompletion=exercise_ids
        ),
    ] = None,
    in_json: JsonOption = False,
    course: CourseOption = None,
) -> None:
    """Show what you have passed and tried, and what is next."""
    from grader.study.commands import standing
    from grader.study.json_answers import answer_to_progress, as_json
    from grader.study.progress import progress_table

    loaded = the_course(course)
    now = standing(loaded, print_notice, None if exercise is None else known(loaded, exercise).id)
    if in_json:
        print(as_json(answer_to_progress(now)))
        return
    console.print(progress_table(loaded, now.exercises))
    console.print()
    for sentence in now.advice:
        console.print(escape(sentence))


def track(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[TRACK]...", help="The tracks to follow from now on.")
    ] = None,
    course: CourseOption = None,
) -> None:
    """Show the tracks, or choose the ones that you follow.

    A track is a selection of exercises. Whatever you have begun stays with you on every track.
    """
    from grader.study.commands import tracks
    from grader.study.tracks_table import tracks_table

    console.print(tracks_table(tracks(the_course(course), names or [], print_notice)))
    console.print()
    console.print("What is next: grader progress" if names else "To follow a track, or several: grader track NAME ...")


@checkpoint.command("list")
def list_checkpoints(course: CourseOption = None) -> None:
    """List what you have passed, and when."""
    from grader.study.commands import passed

    exercises = passed(the_course(course), print_notice)
    for exercise in exercises:
        when = f"  {exercise.when}" if exercise.when else ""
        console.print(escape(f"{exercise.id}{when}  {exercise.description}"))
    if not exercises:
        console.print("You haven't passed an exercise yet. To see what comes next: grader progress")


@checkpoint.command("diff")
def compare(exercise: ExerciseArgument, course: CourseOption = None) -> None:
    """Show what you have changed since an exercise passed."""
    from rich.syntax import Syntax

    from grader.study.commands import changes_since_passed

    loaded, exercise = _course_with(course, exercise)
    lines = changes_since_passed(loaded, exercise, print_notice)
    if not lines:
        console.print(f"{exercise} hasn't changed since it passed.")
        return
    console.print(Syntax("\n".join(lines), "diff", theme="ansi_dark", background_color="default", word_wrap=True))
    console.print(f"To go back to the code that passed: grader checkpoint restore {exercise}")


@checkpoint.command()
def restore(exercise: ExerciseArgument, course: CourseOption = None) -> None:
    """Go back to the code that passed.

    A copy of your current code is kept.
    """
    from grader.study.commands import restore as go_back

    loaded, exercise = _course_with(course, exercise)
    done = go_back(loaded, exercise, print_notice)
    if not done.changed:
        console.print(f"{exercise} hasn't changed since it passed, so there is nothing to restore.")
        return
    console.print(f"exercises/{exercise}.py is back to the code that passed.")
    _print_copy(loaded, done.kept)


def reset(exercise: ExerciseArgument, course: CourseOption = None) -> None:
    """Start an exercise over from its stub.

    A copy of your current code is kept.
    """
    from grader.study.work import reset as go_back

    loaded, exercise = _course_with(course, exercise)
    done = go_back(loaded, exercise)
    if not done.changed:
        console.print(f"exercises/{exercise}.py is already the stub. Nothing was changed.")
        return
    console.print(f"exercises/{exercise}.py is the stub again.")
    _print_copy(loaded, done.kept)


def lesson(
    exercise: ExerciseArgument,
    path: Annotated[bool, typer.Option("--path", help="Print only the path of the lesson's file.")] = False,
    web: Annotated[
        bool, typer.Option("--web", help="Open the lesson in a browser, after grader site has built it.")
    ] = False,
    course: CourseOption = None,
) -> None:
    """Read the lesson of an exercise.

    In a terminal, it opens in your pager: press the space bar to go on, and q to quit.
    """
    from rich.markdown import Markdown

    from grader.study.lesson import open_lesson

    loaded, exercise = _course_with(course, exercise)
    opened = open_lesson(loaded, exercise, in_browser=web)
    if path or opened.page is not None:
        console.print(escape(str(opened.path if path else opened.page)), soft_wrap=True)
        return
    with paged():
        console.print(Markdown(opened.text, code_theme="ansi_dark", hyperlinks=False))


def hint(
    exercise: ExerciseArgument,
    repeat: Annotated[bool, typer.Option("--repeat", help="Show the hints you have already seen.")] = False,
    in_json: JsonOption = False,
    course: CourseOption = None,
) -> None:
    """Show the next hint for an exercise.

    If your code has a known mistake, its hint comes first. The other hints go from general to specific.
    """
    from grader.study.commands import take_hint
    from grader.study.json_answers import answer_to_hint, as_json

    loaded, exercise = _course_with(course, exercise)
    taken = take_hint(loaded, exercise, repeat, print_notice)
    if in_json:
        print(as_json(answer_to_hint(exercise, taken)))
        return
    for next_hint in taken.hints:
        if next_hint.did:
            console.print(escape(f"Your last run: {next_hint.did}"))
        label = f"Hint {next_hint.number} of {next_hint.of}" if next_hint.number else "Hint"
        console.print(escape(f"{label}: {next_hint.text}"))
        if next_hint.has_next:
            console.print("For the next hint, run this again.")
    if taken.counted:
        console.print("This course counts the hints you take; grader progress shows how many.")


def solution(exercise: ExerciseArgument, course: CourseOption = None) -> None:
    """Show our answer to an exercise that you have passed.

    It also shows other ways to write it.
    """
    from rich.markdown import Markdown
    from rich.syntax import Syntax

    from grader.study.commands import answer

    loaded, exercise = _course_with(course, exercise)
    shown = answer(loaded, exercise, print_notice)
    console.print(Syntax(shown.code, "python", theme="ansi_dark", background_color="default", word_wrap=True))
    if shown.approaches:
        console.print(Markdown(shown.approaches, code_theme="ansi_dark"))


def _course_with(path: CourseOption, exercise: str) -> tuple[Course, str]:
    course = the_course(path)
    return course, known(course, exercise).id


def _print_copy(course: Course, kept: Path | None) -> None:
    from grader.study.folder import shown

    if kept is not None:
        console.print(escape(f"A copy of what you had: {shown(course, kept)}"), soft_wrap=True)
