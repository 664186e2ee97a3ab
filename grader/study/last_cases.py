"""The failing cases of the last run, check by check, for a learner who asks about one of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from grader.checks.outcome import Outcome
from grader.course import Check, Course
from grader.study.folder import progress_folder, read, write_progress
from grader.study.last_failure import SHOWN

FILE = "last_cases.json"


class LastCase(msgspec.Struct, frozen=True):
    """A case that failed, as a program, and what came out of it: lines such as "got: 3"."""

    case: str
    failure: list[str]


def save_last_cases(course: Course, results: Sequence[tuple[Check, Outcome]]) -> None:
    """Keep the cases of the checks that failed; a check that ran loses the case of an earlier run.

    Args:
        course: the course.
        results: the checks that ran.

    Raises:
        StateError: the file can't be written.
    """
    before = last_cases(course)
    ran = {_name(check) for check, _ in results}
    cases = {name: case for name, case in before.items() if name not in ran}
    for check, outcome in results:
        if outcome.status in ("failed", "error", "timeout"):
            lines = [f"{row.kind}: {line}" for row in outcome.rows if row.kind in (*SHOWN, "at") for line in row.lines]
            cases[_name(check)] = LastCase(outcome.counterexample, lines)
    if cases != before:
        write_progress(course, _path(course), msgspec.json.format(msgspec.json.encode(cases), indent=1))


def last_cases(course: Course) -> dict[str, LastCase]:
    """Return the cases that failed when their checks last ran, by exercise and check; empty if they can't be read."""
    try:
        return msgspec.json.decode(read(_path(course)) or b"{}", type=dict[str, LastCase])
    except (msgspec.DecodeError, UnicodeDecodeError):
        return {}


def _path(course: Course) -> Path:
    return progress_folder(course) / FILE


def _name(check: Check) -> str:
    return f"{check.exercise}.{check.id}"
