"""The command `grader site`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from rich.markup import escape
from typer import Option

from grader.cli.shared import CourseOption, console, the_course


def site(
    out: Annotated[Path, Option("--out", help="The folder for the site; its contents are replaced.")] = Path(
        "build/site"
    ),
    course: CourseOption = None,
) -> None:
    """Build a static site from the lessons, checks and docs."""
    from grader.authoring.site import build_site

    first = build_site(the_course(course), out)
    console.print(escape(f"Done. Open {first} in a browser; search works without a server."), soft_wrap=True)
