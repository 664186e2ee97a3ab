"""The modules of a course that its checks, facts and pictures import."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

from grader.course import Course
from grader.errors import CourseError

ALLOWED = ("tests/visible", "pictures")
"""Where the modules are that students may have."""


def with_imports(course: Course, files: Iterable[Path]) -> list[Path]:
    """Return files and the modules of the course that they import, directly or through others, in order of their paths.

    Raises:
        CourseError: one of them imports something of the course that students don't get, or isn't Python.
    """
    found: set[Path] = set()
    waiting = list(files)
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        found.add(path)
        for module in _imported(course.root, path):
            if not any(module.is_relative_to(course.root / folder) for folder in ALLOWED):
                raise CourseError(
                    f"{path} imports {module.relative_to(course.root).as_posix()}, which students don't get. "
                    f"Move what it needs into {ALLOWED[0]}/."
                )
            waiting.append(module)
    return sorted(found)


def _imported(root: Path, path: Path) -> Iterator[Path]:
    """Yield the files of the course's own modules that a file imports, except the grader's and the learner's."""
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except (SyntaxError, ValueError) as problem:
        raise CourseError(f"{path} cannot be read as Python ({problem}). Fix it.") from None
    package = path.relative_to(root).parent.parts
    for node in ast.walk(tree):
        names: list[tuple[str, ...]] = []
        if isinstance(node, ast.Import):
            names = [tuple(alias.name.split(".")) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) + 1 - node.level] if node.level else ()
            base += tuple(node.module.split(".")) if node.module else ()
            names = [base, *((*base, alias.name) for alias in node.names)]
        for name in names:
            if name and name[0] in ("tests", "pictures", "solutions"):
                yield from _files(root, name)


def _files(root: Path, name: tuple[str, ...]) -> Iterator[Path]:
    for length in range(1, len(name) + 1):
        folder = root.joinpath(*name[:length])
        for path in (folder.with_suffix(".py"), folder / "__init__.py"):
            if path.is_file():
                yield path
