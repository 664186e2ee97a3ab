"""Where a stub comes from: it is made from the solution, or is part of a release, or is kept when first seen."""

from __future__ import annotations

from pathlib import Path

from grader.course import Course
from grader.course.stub import make_stub
from grader.errors import CourseError, StateError
from grader.study.folder import STUBS, digest, progress_folder, read, write_progress

SHIPPED_STUBS = ".release/stubs"
"""The folder of the stubs in a release, which has no solutions; a learner works on copies of them."""


def stub_of(course: Course, exercise: str) -> bytes | None:
    """Return the stub of an exercise; None if it is not known."""
    solution = read(course.solutions / f"{exercise}.py")
    if solution is not None:
        try:
            return make_stub(solution.decode(), f"solutions/{exercise}.py").encode()
        except (CourseError, UnicodeDecodeError):
            return None
    shipped = read(_shipped(course, exercise))
    return shipped if shipped is not None else read(_kept(course, exercise))


def is_untouched(course: Course, exercise: str, content: bytes) -> bool:
    """Say whether a file is still the stub."""
    stub = stub_of(course, exercise)
    return stub is not None and digest(content) == digest(stub)


def keep_stub(course: Course, exercise: str, content: bytes) -> None:
    """Keep a file as the stub if there is no other stub, and parts of it are not written yet."""
    path = _kept(course, exercise)
    others = (course.solutions / f"{exercise}.py", _shipped(course, exercise), path)
    if any(other.is_file() for other in others) or b"raise NotImplementedError" not in content:
        return
    try:
        write_progress(course, path, content)
    except StateError:
        # The learner hears about a folder that can't be written to when it is about their own code.
        return


def _kept(course: Course, exercise: str) -> Path:
    return progress_folder(course) / STUBS / f"{exercise}.py"


def _shipped(course: Course, exercise: str) -> Path:
    return course.root / SHIPPED_STUBS / f"{exercise}.py"
