"""The commands that create a course or an exercise."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from grader.cli.shared import CourseOption, console
from grader.course import find_course

new = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Create a course or an exercise (for authors).")


@new.command()
def course(
    folder: Annotated[Path, typer.Argument(help="The folder to create.")],
    title: Annotated[str, typer.Option("--title", help="The course's title.", show_default="the folder's name")] = "",
) -> None:
    """Create a course on any subject.

    It comes with a first exercise that works.
    """
    from grader.authoring.new import new_course

    for path in new_course(folder, title):
        console.print(escape(f"written  {folder / path}"), soft_wrap=True)
    console.print(escape(f"\nNext: cd {folder}; pytest; grader new exercise ID"), soft_wrap=True)


@new.command()
def exercise(
    name: Annotated[str, typer.Argument(metavar="ID", help="The exercise's id: the name of its module.")],
    course: CourseOption = None,
) -> None:
    """Create an exercise, or list what it still needs.

    A new exercise is a draft. The list is in the order in which to write things.
    """
    from grader.authoring.drafts import begin_or_examine

    file = course if course is not None else find_course(Path.cwd())
    progress = begin_or_examine(file, name)
    for path in progress.written:
        console.print(escape(f"written  {path}"), soft_wrap=True)
    if progress.missing:
        console.print(escape(f"`{name}` isn't finished. What is missing, in the order to write it:"), soft_wrap=True)
        for number, sentence in enumerate(progress.missing, 1):
            console.print(escape(f"{number:>3}. {sentence}"), soft_wrap=True)
        console.print(escape(f"Then run this again: grader new exercise {name}"), soft_wrap=True)
        if not progress.written:
            raise typer.Exit(1)
    elif progress.is_draft:
        last_step = f"To make `{name}` part of the course, delete its line `draft: true` in {file.name}."
        console.print(escape(f"Nothing is missing. {last_step}"), soft_wrap=True)
    else:
        console.print(escape(f"Nothing is missing: `{name}` is part of the course."))
