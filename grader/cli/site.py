"""The command that builds the site."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from rich.markup import escape
from typer import Option

from grader.cli.shared import CourseOption, console, the_course


def site(
    out: Annotated[Path, Option("--out", help="The folder of the site; what is in it is replaced.")] = Path(
        "build/site"
    ),
    course: CourseOption = None,
) -> None:
    """Build lessons, checks and docs as a static site."""
    from grader.authoring.site import build_site

    first = build_site(the_course(course), out)
    console.print(escape(f"Written. Open {first} in a browser; search works without a server."), soft_wrap=True)
