"""The commands that begin a course or an exercise."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from grader.cli.shared import CourseOption, console, the_course
from grader.course import find_course

new = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Begin a course or an exercise (for authors).")


@new.command()
def course(
    folder: Annotated[Path, typer.Argument(help="The folder to create.")],
    title: Annotated[str, typer.Option("--title", help="The course's title.", show_default="the folder's name")] = "",
) -> None:
    """Create a course on any subject, with a first exercise that works."""
    from grader.authoring.new import new_course

    for path in new_course(folder, title):
        console.print(escape(f"written  {folder / path}"), soft_wrap=True)
    console.print(escape(f"\nNext: cd {folder}; pytest; grader new exercise ID"), soft_wrap=True)


@new.command()
def exercise(
    name: Annotated[str, typer.Argument(metavar="ID", help="The exercise's id: the name of its module.")],
    course: CourseOption = None,
) -> None:
    """Create an exercise as a draft, or say what an exercise still lacks, in the order to write it."""
    from grader.authoring.drafts import begin_exercise

    file = course if course is not None else find_course(Path.cwd())
    draft = begin_exercise(the_course(file), file, name)
    for path in draft.created:
        console.print(escape(f"written  {path}"), soft_wrap=True)
    if draft.created:
        console.print()
    if draft.missing:
        console.print(escape(f"`{name}` is not finished. What is missing, in the order to write it:"), soft_wrap=True)
        for number, sentence in enumerate(draft.missing, 1):
            console.print(escape(f"{number:>3}. {sentence}"), soft_wrap=True)
        console.print(escape(f"Then run this again: grader new exercise {name}"), soft_wrap=True)
        if not draft.created:
            raise typer.Exit(1)
    elif draft.in_course:
        console.print(escape(f"Nothing is missing: `{name}` is part of the course."))
    else:
        last = f"To make `{name}` part of the course, delete its line `draft: true` in {file.name}."
        console.print(escape(f"Nothing is missing. {last}"), soft_wrap=True)
