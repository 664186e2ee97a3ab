"""The packages that exercises need: without one, everybody would fail the exercise, so it can't be graded."""

from __future__ import annotations

import ast
import importlib.metadata
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from grader.course import Course
from grader.errors import MissingPackage
from grader.extras import DISTRIBUTION, install_command, is_installed


def require_packages(course: Course, exercises: Iterable[str]) -> None:
    """Make sure that every package that the solutions of some exercises import is installed.

    Args:
        course: the course.
        exercises: the ids of the exercises that are to be graded.

    Raises:
        MissingPackage: one isn't; the message names the exercise, and says what to type.
    """
    if not course.has_solutions:
        # In a copy for students, the exercise's own checks say so, and the others can be graded.
        return
    for exercise in exercises:
        for module in packages_of(course, exercise):
            if not is_installed(module):
                raise MissingPackage(
                    f"{exercise} needs {module}, which is not installed, so everybody would fail. "
                    f"Run: {command_for(module)}. Or leave {exercise} out, with --only or --track."
                )


def packages_of(course: Course, exercise: str) -> list[str]:
    """List the packages that an exercise's solution imports, or in a copy for students, its stub.

    Neither Python's own modules nor those next to it count. A file that isn't valid Python has none.
    """
    folder = course.solutions if course.has_solutions else course.stubs
    path = folder / f"{exercise}.py"
    if not path.is_file():
        return []
    next_to_it = {each.stem for each in folder.glob("*.py")}
    return sorted(set(_imported(path)) - {"grader", *course.whole.by_id, *next_to_it, *sys.stdlib_module_names})


def _imported(path: Path) -> Iterator[str]:
    """List the modules that a file imports, anywhere in it, by the names of their packages."""
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None and not node.level:
            yield node.module.partition(".")[0]


def command_for(module: str) -> str:
    """Return the command that installs a module's package, with the grader's extra if it belongs to one."""
    package = distribution_of(module)
    for line in importlib.metadata.requires(DISTRIBUTION) or ():
        requirement = Requirement(line)
        if canonicalize_name(requirement.name) == package and requirement.marker is not None:
            for extra in importlib.metadata.metadata(DISTRIBUTION).get_all("Provides-Extra") or ():
                if requirement.marker.evaluate({"extra": extra}):
                    return install_command(extra)
    return f"pip install {package}"


def distribution_of(module: str) -> str:
    """Return the name by which pip knows a module's package, which for a module that isn't installed is a guess."""
    return canonicalize_name(importlib.metadata.packages_distributions().get(module, [module])[0])
