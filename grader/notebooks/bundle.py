"""The file that is released with a notebook: the grader, the visible checks, the stand-ins, and nothing else."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

import yaml

from grader.course import COURSE_FILE, Course

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


def released_course(course: Course) -> str:
    """Return the students' version of `course.yaml`: no hidden check, no draft, no capstone (it isn't shipped)."""
    data = yaml.safe_load(course.file.read_text(encoding="utf-8"))
    data.pop("capstone", None)
    data["exercises"] = [block for block in data["exercises"] if block["id"] in course.by_id]
    for block in data["exercises"]:
        exercise = course.by_id[block["id"]]
        visible = {check.id for check in exercise.checks if check.visibility == "visible"}
        if "weights" in block:
            block["weights"] = {name: weight for name, weight in block["weights"].items() if name in visible}
        block.pop("mistake_caps", None)
        block["hidden_checks"] = exercise.hidden_checks
    for track in data.get("tracks", []):
        track["exercises"] = [name for name in track["exercises"] if name in course.by_id]
    data["tracks"] = [track for track in data.get("tracks", []) if track["exercises"]]
    left = {track["id"] for track in data["tracks"]}
    data["default_tracks"] = [name for name in data.get("default_tracks", []) if name in left]
    return yaml.safe_dump(data, sort_keys=False, allow_unicode=True)


def _contents(course: Course) -> Iterator[tuple[str, bytes]]:
    yield COURSE_FILE, released_course(course).encode()
    for folder in SHIPPED:
        for path in (course.root / folder).rglob("*"):
            if path.stem.removeprefix("test_") in course.drafts:
                continue
            if path.is_file() and path.suffix in KEPT and "__pycache__" not in path.parts:
                yield path.relative_to(course.root).as_posix(), path.read_bytes()
    package = Path(__file__).resolve().parents[1]
    for path in package.rglob("*.py"):
        yield f"{package.name}/{path.relative_to(package).as_posix()}", path.read_bytes()
