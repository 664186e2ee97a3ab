"""The version of a course's files: whether two copies have the same settings and the same visible checks."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath

import msgspec

from grader.course import Course
from grader.files import digest
from grader.handin.manifest import CourseVersion
from grader.study.folder import read

VERSION_FILE = ".release/version.json"
"""Where a release says which version of the course it was made from: its `course.yaml` is a shorter one."""


class ReleasedVersion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a release says about versions: that of its own files, and that of the course that it was made from."""

    released: CourseVersion
    original: CourseVersion


def version_of(course: Course) -> CourseVersion:
    """Return the version of a course; for a release that nobody has changed, that of the course it was made from."""
    folder = course.check_folder("visible")
    checks = {path: _text(path) for path in [*folder.rglob("*.py"), *course.golden.glob("*.json")]}
    named = {path.relative_to(folder).as_posix(): content for path, content in checks.items()}
    version = version_of_files(course.id, _text(course.file), named)
    try:
        known = msgspec.json.decode(read(course.root / VERSION_FILE) or b"", type=ReleasedVersion)
    except msgspec.DecodeError:
        return version
    return known.original if known.released == version else version


def version_of_files(course_id: str, course_file: bytes, checks: Mapping[str, bytes]) -> CourseVersion:
    """Return the version of a course with these files.

    Args:
        course_id: the course's id.
        course_file: the content of `course.yaml`.
        checks: the content of the visible checks' modules and golden records, by the path from their folder.
    """
    parts = [part for name in sorted(checks, key=PurePosixPath) for part in (name, checks[name])]
    return CourseVersion(course_id, digest(course_file), digest(*parts))


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
