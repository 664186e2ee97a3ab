"""What all commands share: where they print, the course they are about."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from grader.course import Course, Exercise, find_course, load_course
from grader.errors import UsageError

WIDTH_OF_A_FILE = 120
"""Characters of a line where there is no terminal."""
console = Console(highlight=False)
if not console.is_terminal:
    console.width = WIDTH_OF_A_FILE
errors = Console(stderr=True, highlight=False, soft_wrap=True)

CourseOption = Annotated[
    Path | None, typer.Option("--course", help="The file course.yaml, if it is not here or above.")
]


def the_course(path: Path | None, draft: str | None = None) -> Course:
    """Return the course in a file, or the one around the working folder; with one of its drafts, if that is named."""
    return load_course(path if path is not None else find_course(Path.cwd()), [] if draft is None else [draft])


def known(course: Course, exercise: str) -> Exercise:
    """Return the exercise that was named.

    Raises:
        UsageError: the course has none of that name.
    """
    if exercise in course.drafts:
        raise UsageError(f"`{exercise}` is still a draft. To see what is missing: grader new exercise {exercise}")
    if exercise not in course.by_id:
        raise UsageError(f"There is no exercise `{exercise}`. There are: {', '.join(course.by_id)}.")
    return course.by_id[exercise]
