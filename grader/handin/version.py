"""The version of a course's files: whether two copies have the same settings and the same visible checks."""

from __future__ import annotations

from pathlib import Path

from grader.course import Course
from grader.files import digest
from grader.handin.manifest import CourseVersion
from grader.study.folder import read


def version_of(course: Course) -> CourseVersion:
    """Return the version of a course."""
    folder = course.check_folder("visible")
    checks = sorted([*folder.rglob("*.py"), *course.golden.glob("*.json")])
    parts = [part for path in checks for part in (path.relative_to(folder).as_posix(), _text(path))]
    return CourseVersion(course.id, digest(_text(course.file)), digest(*parts))


def about_version(version: CourseVersion, ours: CourseVersion) -> str:
    """Say how the version in a manifest differs from that of a copy of the course; empty if it doesn't."""
    if version.id != ours.id:
        return f"It was made for another course: `{version.id}`, and not `{ours.id}`."
    if version.visible_checks != ours.visible_checks:
        return "It was made with another version of the course: its visible checks differ from those here."
    if version.course_file != ours.course_file:
        return "It was made with another version of the course: its course.yaml differs from the one here."
    return ""


def _text(path: Path) -> bytes:
    return (read(path) or b"").replace(b"\r\n", b"\n")
