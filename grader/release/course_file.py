"""The students' version of `course.yaml`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

import yaml

from grader.course import Course, of_tracks

FOR_AUTHORS = ("minimum", "boilerplate")
"""Keys that only authors and instructors need."""
NEEDED = {"id": "needed", "title": "What exercises on your tracks build on"}
"""The track of exercises that are in a release only because others need them."""


def released_course(
    course: Course,
    exercises: Collection[str] | None = None,
    tracks: Sequence[str] = (),
    with_capstone: bool = False,
) -> str:
    """Return the students' version of `course.yaml`: no hidden check, and no draft.

    Args:
        course: the course.
        exercises: the ids of the exercises in it; all by default.
        tracks: the only tracks to keep, which students then begin on; all by default.
        with_capstone: whether it keeps the capstone. Exercises that the capstone uses and students don't have are
            drafts in it, so that the capstone takes its stand-ins for them.
    """
    kept = course.by_id.keys() & (course.by_id.keys() if exercises is None else set(exercises))
    data = yaml.safe_load(course.file.read_text(encoding="utf-8-sig"))
    for key in FOR_AUTHORS:
        data.pop(key, None)
    capstone = data.pop("capstone", None) if not with_capstone else data.get("capstone")
    used = set(capstone["uses"]) if capstone and with_capstone else set()
    data["exercises"] = list(_blocks(course, data["exercises"], kept, used))
    if capstone and with_capstone:
        capstone["milestones"] = [step for step in capstone.get("milestones", []) if step["after"] in kept]
    if tracks:
        data["default_tracks"] = list(tracks)
        data["tracks"] = [track for track in data.get("tracks", []) if track["id"] in tracks]
        on_tracks = of_tracks(course, tracks)
        data["tracks"] += [NEEDED | {"exercises": [name for name in course.by_id if name in kept - on_tracks]}]
    for name in ("tracks", "assignments"):
        blocks = data.get(name, [])
        for block in blocks:
            block["exercises"] = [exercise for exercise in block["exercises"] if exercise in kept]
        data[name] = [block for block in blocks if block["exercises"]]
    left = {track["id"] for track in data["tracks"]}
    data["default_tracks"] = [name for name in data.get("default_tracks", []) if name in left]
    if "late" in data and not any("due" in block for block in data["assignments"]):
        del data["late"]
    return yaml.safe_dump(data, sort_keys=False, allow_unicode=True)


def _blocks(
    course: Course, blocks: Sequence[dict[str, Any]], kept: Collection[str], used: Collection[str]
) -> Iterator[dict[str, Any]]:
    for block in blocks:
        if block["id"] in kept:
            yield _released_block(course, block)
        elif block["id"] in used:
            yield {"id": block["id"], "title": block["title"], "draft": True}


def _released_block(course: Course, block: dict[str, Any]) -> dict[str, Any]:
    exercise = course.by_id[block["id"]]
    visible = [check.id for check in exercise.checks if check.visibility == "visible"]
    released = {key: value for key, value in block.items() if key not in ("draft", "mistake_caps", "weights")}
    weights = {name: weight for name, weight in block.get("weights", {}).items() if name in visible}
    if weights and any(weights.get(name, 1) for name in visible):
        released["weights"] = weights
    return released | {"hidden_checks": exercise.hidden_checks}
