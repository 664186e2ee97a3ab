"""Where stubs come from: made of the solution where there is one, else kept when the grader first saw the file."""

from __future__ import annotations

from pathlib import Path

from grader.course import Course
from grader.course.stub import make_stub
from grader.errors import CourseError, StateError
from grader.study.folder import STUBS, desk_folder, digest, read, write


def stub_of(course: Course, exercise: str) -> bytes | None:
    """Return the stub of an exercise; None where nothing is known of it."""
    solution = read(course.solutions / f"{exercise}.py")
    if solution is not None:
        try:
            return make_stub(solution.decode(), f"solutions/{exercise}.py").encode()
        except (CourseError, UnicodeDecodeError):
            return None
    return read(_kept(course, exercise))


def is_untouched(course: Course, exercise: str, content: bytes) -> bool:
    """Say whether a file is still the stub."""
    stub = stub_of(course, exercise)
    return stub is not None and digest(content) == digest(stub)


def keep_stub(course: Course, exercise: str, content: bytes) -> None:
    """Keep a file as the stub, where it has no other source, was not seen before, and still has parts to be written."""
    path = _kept(course, exercise)
    if (course.solutions / f"{exercise}.py").is_file() or path.exists() or b"raise NotImplementedError" not in content:
        return
    try:
        write(path, content)
    except StateError:
        # A folder that cannot be written to is told of where something of the learner's is at stake.
        return


def _kept(course: Course, exercise: str) -> Path:
    return desk_folder(course) / STUBS / f"{exercise}.py"
