"""The commands of somebody who learns."""

from __future__ import annotations

from typing import Annotated

import typer

from grader.cli.shared import CourseOption, known, the_course


def check(
    exercise: Annotated[str | None, typer.Argument(help="The exercise's id; all of them if none is named.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Show every failure in full.")] = False,
    course: CourseOption = None,
) -> None:
    """Run the visible checks on your work in exercises/, as pytest does."""
    import pytest

    from grader.checks.plugin import options_for_pytest

    loaded = the_course(course)
    if exercise is not None:
        known(loaded, exercise)
    files = [str(path) for e, v, path in loaded.check_files() if v == "visible" and exercise in (None, e.id)]
    options = [*options_for_pytest(loaded), "-q", "--no-header", *(["--all"] if everything else [])]
    raise typer.Exit(int(pytest.main([*options, *files])))
