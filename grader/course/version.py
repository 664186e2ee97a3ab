"""The version of a course's files: whether two copies have the same settings and the same checks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import Annotated

import msgspec

from grader.course.model import Course
from grader.files import digest

VERSION_FILE = ".release/version.json"
"""Where a release says which version of the course it was made from: its `course.yaml` is a shorter one."""
Name = Annotated[str, msgspec.Meta(max_length=300)]


class CourseVersion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The version of a course: its id, and digests of `course.yaml` and of the visible checks.

    Digests don't depend on how lines end.
    """

    id: Name
    course_file: Name
    visible_checks: Name


class ReleasedVersion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a release says about versions: that of its own files, and that of the course that it was made from."""

    released: CourseVersion
    original: CourseVersion


def version_of(course: Course) -> CourseVersion:
    """Return the version of a course; for a release that nobody has changed, that of the course it was made from."""
    folder = course.check_folder("visible")
    checks = _contents(folder, [*folder.rglob("*.py"), *course.golden.glob("*.json")])
    version = version_of_files(course.id, _text(course.file), checks)
    try:
        known = msgspec.json.decode(_read(course.root / VERSION_FILE), type=ReleasedVersion)
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
    return CourseVersion(course_id, digest(course_file), _digest(checks))


def version_of_hidden_checks(course: Course) -> str:
    """Return a digest of the hidden checks; empty if this copy of the course has none."""
    folder = course.check_folder("hidden")
    checks = _contents(folder, folder.rglob("*.py"))
    return _digest(checks) if checks else ""


def _contents(folder: Path, paths: Iterable[Path]) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): _text(path) for path in paths}


def _digest(checks: Mapping[str, bytes]) -> str:
    return digest(*(part for name in sorted(checks, key=PurePosixPath) for part in (name, checks[name])))


def _text(path: Path) -> bytes:
    return _read(path).replace(b"\r\n", b"\n")


def _read(path: Path) -> bytes:
    """Return the content of a file; nothing if it can't be read."""
    try:
        return path.read_bytes()
    except OSError:
        return b""
