"""The file that is released with a notebook: the grader, the visible checks, the stand-ins, and nothing else."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

from grader.course import COURSE_FILE, Course
from grader.release.cases import released_cases
from grader.release.course_file import released_course

SHIPPED = ("exercises", "tests/visible", "solutions/standins")
KEPT = (".py", ".md", ".json", ".svg", ".png")
UNCHANGING = (1980, 1, 1, 0, 0, 0)


def write_bundle(course: Course, path: Path) -> None:
    """Write a zip from which Python can import the grader; the same course gives the same bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, data in sorted(_contents(course)):
            info = zipfile.ZipInfo(name, UNCHANGING)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            bundle.writestr(info, data)


def _contents(course: Course) -> Iterator[tuple[str, bytes]]:
    yield COURSE_FILE, released_course(course).encode()
    for folder in SHIPPED:
        for path in (course.root / folder).rglob("*"):
            if path.stem.removeprefix("test_") in course.drafts:
                continue
            if path.is_file() and path.suffix in KEPT and "__pycache__" not in path.parts:
                yield path.relative_to(course.root).as_posix(), _released(course, path)
    package = Path(__file__).resolve().parents[1]
    for path in package.rglob("*.py"):
        yield f"{package.name}/{path.relative_to(package).as_posix()}", path.read_bytes()


def _released(course: Course, path: Path) -> bytes:
    """Return a file's content as students may have it."""
    if path.parent == course.cases("visible"):
        return released_cases(path.read_text(encoding="utf-8")).encode()
    return path.read_bytes()
