"""What all commands share: the consoles they print to, and how they find the course."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.theme import Theme

from grader.course import Course, Exercise, find_course, load_course
from grader.errors import GraderError

WIDTH_OF_A_FILE = 120
"""Characters in a line if the output isn't a terminal."""
# Rich's own style for code in a sentence has a black background.
console = Console(highlight=False, theme=Theme({"markdown.code": "cyan"}))
if not console.is_terminal:
    console.width = WIDTH_OF_A_FILE
errors = Console(stderr=True, highlight=False, soft_wrap=True)

CourseOption = Annotated[
    Path | None,
    typer.Option("--course", help="Path to course.yaml, if it isn't in the current folder or a parent of it."),
]

JsonOption = Annotated[bool, typer.Option("--json", help="Print the answer as JSON, for programs.")]


def the_course(path: Path | None, draft: str | None = None) -> Course:
    """Return the course in a file, or the one that the working folder is in; with a draft, if you name one."""
    return load_course(path if path is not None else find_course(Path.cwd()), [] if draft is None else [draft])


def print_notice(sentence: str) -> None:
    """Print a sentence for the learner that isn't part of the result."""
    errors.print(escape(sentence))


def paged() -> contextlib.AbstractContextManager[Any]:
    """Show what is printed in the learner's pager, if the output is a terminal."""
    if not console.is_terminal:
        return contextlib.nullcontext()
    # Without this option, `less` shows the codes of colors instead of colors. Other pagers don't look at it.
    os.environ["LESS"] = f"{os.environ.get('LESS', '')} -R".strip()
    return console.pager(styles=sys.platform != "win32")


def exercise_ids(incomplete: str) -> list[str]:
    """Return the ids of exercises that begin like this, for a shell that completes them."""
    try:
        return [name for name in the_course(None).by_id if name.startswith(incomplete)]
    except GraderError:
        return []


ExerciseArgument = Annotated[str, typer.Argument(help="The exercise's id.", autocompletion=exercise_ids)]


def known(course: Course, named: str) -> Exercise:
    """Return the exercise with this id; the name of one of its files will do, too.

    Raises:
        UsageError: the course has no such exercise; the message says what to type instead.
    """
    from grader.study.meant import meant

    return meant(course, named, ["grader", *sys.argv[1:]])
