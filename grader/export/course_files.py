"""The files of a course with which an instructor's autograder grades: everything that grading needs, and no more."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from grader.course import COURSE_FILE, VISIBILITIES, Course
from grader.course.stub import make_stub
from grader.errors import CourseError
from grader.grading.cache import course_files

NOT_NEEDED = ("proofs",)
"""Folders of `solutions` that only say what was proven here."""
LEFT_BEHIND = ("~", ".pyc", ".orig", ".bak", ".swp")
"""How the names of files end that editors and Python leave behind."""


def files_to_grade_with(course: Course) -> Iterator[tuple[str, bytes]]:
    """Yield the path, from the course's folder, and the content of each file that grading needs.

    Stubs are made from the solutions, whatever is in `exercises/`.

    Args:
        course: the whole course, with its solutions.

    Raises:
        CourseError: a solution is missing.
    """
    yield COURSE_FILE, course.file.read_bytes()
    paths = set(course_files(course)[1:])
    for visibility in VISIBILITIES:
        paths.update(path for path in course.check_folder(visibility).rglob("*") if path.is_file())
    for path in sorted(paths):
        name = path.relative_to(course.root)
        proven = any(path.is_relative_to(course.solutions / folder) for folder in NOT_NEEDED)
        if not proven and _belongs(name):
            yield name.as_posix(), path.read_bytes()
    for exercise in course.by_id:
        yield f"{course.stubs.name}/{exercise}.py", _stub(course, exercise).encode()
    if (course.root / "LICENSE").is_file():
        yield "LICENSE", (course.root / "LICENSE").read_bytes()


def _belongs(name: Path) -> bool:
    hidden = any(part.startswith(".") or part == "__pycache__" for part in name.parts)
    return not hidden and not name.name.endswith(LEFT_BEHIND)


def _stub(course: Course, exercise: str) -> str:
    path = course.solutions / f"{exercise}.py"
    if not path.is_file():
        raise CourseError(
            f"There is no solutions/{exercise}.py to grade with. Write it, or make the exercise a draft: draft: true"
        )
    return make_stub(path.read_text(encoding="utf-8"), f"solutions/{path.name}")
