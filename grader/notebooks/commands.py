"""The commands `grader notebooks`, `grader nbgrader init` and `autograde`, each of which needs packages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from grader.course import Course, part_of
from grader.errors import UsageError
from grader.extras import require
from grader.notebooks.need import require_nbgrader
from grader.study.meant import name_in
from grader.study.tracks import on_track

if TYPE_CHECKING:
    from grader.notebooks.autograde import AutogradeSummary, Progress


def init(course: Course, folder: Path, force: bool) -> Iterator[str]:
    """Make an nbgrader course from a course; yield a line about each file, and then what to type next.

    Raises:
        MissingPackage: nbgrader is not installed.
        CourseError: this copy has no solutions, or the folder has another course's configuration.
    """
    require_nbgrader()
    from grader.notebooks.init import init_course

    yield from init_course(course, folder, force)
    yield f"Next: cd {folder}; nbgrader generate_assignment {course.assignments[0].id}"


def for_a_learner(course: Course, names: list[str], folder: Path, tell: Callable[[str], None]) -> Iterator[str]:
    """Write the notebooks of these exercises, or else of those on a learner's track; yield a line about each file.

    Raises:
        MissingPackage: nbformat is not installed.
        UsageError: the stub of an exercise isn't known, or the folder was left out.
    """
    exercise = name_in(str(folder))
    if not names and exercise in course.by_id and not folder.is_dir():
        command = f"grader notebooks my-notebooks {exercise}"
        raise UsageError(f"`{folder}` is an exercise. Name a folder for its notebook first: {command}")
    require("Notebooks need", "notebooks", "nbformat")
    from grader.notebooks.learner import write_notebooks

    yield from write_notebooks(part_of(course, names) if names else on_track(course, tell), folder)


def autograde(
    folder: Path,
    assignment: str,
    jobs: int | None,
    force: bool,
    tell: Callable[[Progress], None],
    begin: Callable[[int], None],
) -> AutogradeSummary:
    """Grade and save all submissions of an assignment; see `grader.notebooks.autograde.autograde`.

    Raises:
        MissingPackage: nbgrader is not installed.
        GraderError: the folder is not an nbgrader course, or the assignment is unknown or has not been generated.
    """
    require_nbgrader()
    from grader.grading.process_start import prepare_processes

    # The grader processes start their imports while this process does its own.
    prepare_processes("grader.notebooks.autograde")
    from grader.notebooks.autograde import autograde as grade_all

    return grade_all(folder.resolve(), assignment, jobs, force, tell, begin)
