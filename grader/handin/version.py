"""How the version of a course in a manifest differs from that of the copy here."""

from __future__ import annotations

from grader.course.version import (
    VERSION_FILE,
    CourseVersion,
    ReleasedVersion,
    version_of,
    version_of_files,
)

__all__ = ["VERSION_FILE", "CourseVersion", "ReleasedVersion", "about_version", "version_of", "version_of_files"]


def about_version(version: CourseVersion, ours: CourseVersion) -> str:
    """Say how the version in a manifest differs from that of a copy of the course; empty if it doesn't."""
    if version.id != ours.id:
        return f"It was made for another course: `{version.id}`, and not `{ours.id}`."
    if version.visible_checks != ours.visible_checks:
        return "It was made with another version of the course: its visible checks differ from those here."
    if version.course_file != ours.course_file:
        return "It was made with another version of the course: its course.yaml differs from the one here."
    return ""
