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
    from grader.study.progress import advice, ladder, ladder_table
    from grader.study.state import load_state

    loaded = the_course(course)
    rungs = ladder(loaded, load_state(loaded, _tell))
    console.print(ladder_table(loaded, rungs))
    console.print()
    for sentence in advice(loaded, rungs):
        console.print(escape(sentence))


@checkpoint.command("list")
def list_checkpoints(course: CourseOption = None) -> None:
    """List what has passed, and when."""
    from grader.study.progress import ladder
    from grader.study.state import load_state

    loaded = the_course(course)
    state = load_state(loaded, _tell)
    passed = [rung for rung in ladder(loaded, state) if rung.stands in ("passed", "changed")]
    for rung in passed:
        at = state.of(rung.exercise).passed
        when = f"  {at.when}" if at is not None else ""
        console.print(escape(f"{rung.exercise}{when}  {rung.told}"))
    if not passed:
        console.print("Nothing has passed yet. See what is next: grader progress")


@checkpoint.command("diff")
def compare(exercise: ExerciseArgument, course: CourseOption = None) -> None:
    """Show what has changed since an exercise passed."""
    from rich.syntax import Syntax

    from grader.study.state import load_state
    from grader.study.work import difference

    loaded = _course_with(course, exercise)
    lines = difference(loaded, load_state(loaded, _tell), exercise)
    if not lines:
        console.print(f"{exercise} is the code that passed.")
        return
    console.print(Syntax("\n".join(lines), "diff", theme="ansi_dark", background_color="default", word_wrap=True))
    console.print(f"Go back to what passed: grader checkpoint restore {exercise}")


@checkpoint.command()
def restore(exercise: ExerciseArgument, course: CourseOption = None) -> None:
    """Go back to the code that passed; what you have now is kept."""
    from grader.study.state import load_state
    from grader.study.work import restore as go_back

    loaded = _course_with(course, exercise)
    done = go_back(loaded, load_state(loaded, _tell), exercise)
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
    from grader.study.hints import hints_taken, next_hint
    from grader.study.state import change_state

    loaded = _course_with(course, exercise)
    if repeat:
        found = change_state(loaded, _tell, lambda state: hints_taken(loaded, state, exercise))
    else:
        found = [change_state(loaded, _tell, lambda state: next_hint(loaded, state, exercise))]
    for one in found:
        if one.did:
            console.print(escape(f"Your last run: {one.did}"))
        label = f"Hint {one.place} of {one.of}" if one.place else "Hint"
        console.print(escape(f"{label}: {one.text}"))
    if loaded.hints == "counted" and not repeat and found[0].place:
        console.print("This course counts the hints that you take: grader progress shows how many.")


def solution(exercise: ExerciseArgument, course: CourseOption = None) -> None:
    """Show the answer to an exercise that you have passed, and other ways to write it."""
    from rich.markdown import Markdown
    from rich.syntax import Syntax

    from grader.study.solution import answer, approaches
    from grader.study.state import load_state

    loaded = _course_with(course, exercise)
    text = answer(loaded, load_state(loaded, _tell), exercise)
    other = approaches(loaded, exercise)
    console.print(Syntax(text, "python", theme="ansi_dark", background_color="default", word_wrap=True))
    if other:
        console.print(Markdown(other, code_theme="ansi_dark"))


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
