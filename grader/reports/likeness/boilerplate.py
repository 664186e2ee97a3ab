"""Boilerplate: the code that the course itself gives to students, or that a textbook does."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from grader.course import Course, Exercise
from grader.text import listed

_FENCE = re.compile(
    r"^(?P<indent>[ ]*)(?P<fence>`{3,}|~{3,})[^\n]*\n(?P<code>.*?)^[ ]*(?P=fence)", re.DOTALL | re.MULTILINE
)
LARGEST = 1_000_000
"""Bytes; a larger file isn't read."""


def boilerplate(course: Course, exercise: Exercise) -> Iterator[str]:
    """List the programs whose code says nothing about who copied from whom.

    These are the stub, what the lesson quotes, our own answer, its stand-in and the answers in other styles, what the
    page of approaches quotes, and every file in the course's own folders of boilerplate.
    """
    name = exercise.id
    paths = [
        course.stubs / f"{name}.py",
        course.stubs / f"{name}.md",
        course.solutions / f"{name}.py",
        course.standins / f"{name}.py",
        course.approaches / f"{name}.md",
        *sorted((course.styles / name).glob("*.py")),
    ]
    for folder in course.boilerplate:
        paths += sorted(path for path in (course.root / folder).rglob("*") if path.suffix in _READERS)
    for path in paths:
        yield from _programs(path)


def unread_folders(course: Course) -> list[str]:
    """Say which of the course's folders of boilerplate don't exist."""
    missing = [folder for folder in course.boilerplate if not (course.root / folder).is_dir()]
    if not missing:
        return []
    return [f"These folders of boilerplate in {course.root / 'course.yaml'} don't exist: {listed(missing, 8)}."]


def _programs(path: Path) -> Sequence[str]:
    try:
        if path.stat().st_size > LARGEST:
            return []
        text = path.read_text(encoding="utf-8-sig", errors="replace")
    except OSError:
        return []
    return _READERS[path.suffix](text)


def _module(text: str) -> Sequence[str]:
    return [text]


def _quoted(text: str) -> Sequence[str]:
    return [match["code"] for match in _FENCE.finditer(text)]


def _cells(text: str) -> Sequence[str]:
    try:
        cells = [cell["source"] for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]
        return [source if isinstance(source, str) else "".join(source) for source in cells]
    except (ValueError, KeyError, TypeError):
        return []


_READERS = {".py": _module, ".md": _quoted, ".ipynb": _cells}
