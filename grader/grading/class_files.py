"""The instructor's own files: when learners handed in, who has longer, and what is marked by hand.

They are only read. `docs/class.md` says how they are written.
"""

from __future__ import annotations

import csv
import difflib
import io
import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import msgspec

from grader.course import Course
from grader.course.lateness import duration
from grader.course.yaml_file import YamlFile
from grader.errors import ClassFileError
from grader.text import listed

MAX_NAMED = 8
"""How many names a message lists before it counts the others."""


class Override(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A score by hand: of a check, of an exercise where `check` is None, of everything where `exercise` is too."""

    score: float
    reason: str
    exercise: str | None = None
    check: str | None = None


class ByHand(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the instructor says of one submission."""

    comment: str = ""
    scores: list[Override] = []


class _ClassBlock(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    handed_in: str | dict[str, Any] = {}
    extensions: dict[str, Any] = {}


@dataclass(frozen=True)
class Register:
    """What the instructor's files say.

    Attributes:
        handed_in: when it was handed in, by submission and assignment.
        extensions: until when it may be, by submission and assignment, where that is later than the due date.
        by_hand: comments and scores, by submission.
        remarks: sentences about what was read and does not fit the submissions.
    """

    handed_in: Mapping[str, Mapping[str, datetime]] = field(default_factory=dict)
    extensions: Mapping[str, Mapping[str, datetime]] = field(default_factory=dict)
    by_hand: Mapping[str, ByHand] = field(default_factory=dict)
    remarks: Sequence[str] = ()


def read_register(
    course: Course, graded: Collection[str], others: Collection[str], times: Path | None, marks: Path | None
) -> Register:
    """Read the instructor's files.

    Args:
        course: the course.
        graded: the ids of the submissions that are graded.
        others: the ids of those that are not, this time.
        times: the file with hand-in times and extensions, if there is one.
        marks: the file with comments and scores, if there is one.

    Raises:
        ClassFileError: a file cannot be read, or something in it is wrong; the message names the line.
    """
    known = [*graded, *others]
    handed_in: dict[str, dict[str, datetime]] = {}
    extensions: dict[str, dict[str, datetime]] = {}
    remarks: list[str] = []
    if times is not None:
        handed_in, extensions = _read_times(course, times)
        strangers = [name for name in dict.fromkeys([*handed_in, *extensions]) if name not in known]
        if strangers:
            near = [f"`{one}`{_or_rather(one, known)}" for one in strangers]
            remarks.append(f"{times} has no effect for {listed(near, MAX_NAMED)}: there is no such submission.")
    remarks += _without_a_time(course, graded, handed_in)
    return Register(handed_in, extensions, {} if marks is None else _read_marks(course, known, marks), remarks)


def _without_a_time(course: Course, graded: Collection[str], handed_in: Mapping[str, object]) -> list[str]:
    """Say of whom it is not known when they handed in, where that could cost them points."""
    missing = [name for name in graded if name not in handed_in]
    if not missing or not any(one.due and one.late for one in course.assignments):
        return []
    if not handed_in:
        return ["No hand-in times were given (--times), so that nothing is late, whatever the course says."]
    return [f"There is no hand-in time of {listed(missing, MAX_NAMED)}: nothing of that is late."]


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ClassFileError(f"{path} cannot be read ({error}). Name a text file in UTF-8.") from None


def _read_times(course: Course, path: Path) -> tuple[dict[str, dict[str, datetime]], dict[str, dict[str, datetime]]]:
    file = YamlFile(path, _read(path), ClassFileError)
    block = file.convert(file.data if file.data is not None else {}, _ClassBlock)
    if isinstance(block.handed_in, str):
        handed_in = _read_table(course, path.parent / block.handed_in)
    else:
        handed_in = {
            name: _by_assignment(course, file, ["handed_in", name], value, lambda value, _: _moment(value))
            for name, value in block.handed_in.items()
        }
    extensions = {
        name: _by_assignment(course, file, ["extensions", name], value, _extended)
        for name, value in block.extensions.items()
    }
    return handed_in, extensions


def _by_assignment(
    course: Course,
    file: YamlFile,
    keys: list[str | int],
    value: Any,
    read: Callable[[Any, datetime | None], datetime],
) -> dict[str, datetime]:
    """Read one moment for all assignments with a due date, or some by assignment."""
    due = {one.id: one.due for one in course.assignments}
    given = value if isinstance(value, dict) else dict.fromkeys(_with_a_due_date(course), value)
    found: dict[str, datetime] = {}
    for name, one in given.items():
        try:
            found[name] = read(one, due[_assignment(course, name)])
        except ValueError as error:
            raise file.complaint(str(error), [*keys, name] if isinstance(value, dict) else keys) from None
    return found


def _with_a_due_date(course: Course) -> list[str]:
    return [one.id for one in course.assignments if one.due is not None]


def _assignment(course: Course, name: str) -> str:
    """Return the name of an assignment.

    Raises:
        ValueError: there is none of that name; the message says which there are.
    """
    names = [one.id for one in course.assignments]
    if name not in names:
        raise ValueError(_unknown("assignment", name, names))
    return name


def _moment(value: Any) -> datetime:
    """Read a moment.

    Raises:
        ValueError: it is none, or has no time zone.
    """
    try:
        found = value if isinstance(value, datetime) else datetime.fromisoformat(str(value).strip())
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        wanting = "is no moment" if found is None or type(value) is date else "needs its time zone"
        raise ValueError(f"`{value}` {wanting}: write it as in 2027-01-31T23:59:00+01:00")
    return found


def _extended(value: Any, due: datetime | None) -> datetime:
    """Read until when somebody has longer: a moment, or a duration from the due date; never earlier than that."""
    if due is None:
        raise ValueError("this assignment has no due date, so that nobody needs longer")
    if isinstance(value, date):
        return max(due, _moment(value))
    try:
        return due + duration(value)
    except ValueError as error:
        raise ValueError(f"{error}; or a moment, as in 2027-01-31T23:59:00+01:00") from None


def _read_table(course: Course, path: Path) -> dict[str, dict[str, datetime]]:
    """Read hand-in times from a table with the columns `submission`, `handed_in` and perhaps `assignment`."""
    text = _read(path)
    header = text.partition("\n")[0]
    rows = csv.DictReader(io.StringIO(text), delimiter=";" if ";" in header and "," not in header else ",", strict=True)
    found: dict[str, dict[str, datetime]] = {}
    try:
        columns = [name.strip() for name in rows.fieldnames or ()]
        rows.fieldnames = columns
        for wanted in ("submission", "handed_in"):
            if wanted not in columns:
                raise ValueError(f"there is no column `{wanted}`; there are: {', '.join(columns) or 'none'}")
        for row in rows:
            name, moment, assignment = (
                (row.get(one) or "").strip() for one in ("submission", "handed_in", "assignment")
            )
            if not moment:
                continue
            for one in [_assignment(course, assignment)] if assignment else _with_a_due_date(course):
                if one in found.setdefault(name, {}):
                    raise ValueError(f"`{name}` handed in `{one}` before; leave the line that counts")
                found[name][one] = _moment(moment)
    except (ValueError, csv.Error) as error:
        raise ClassFileError(f"{path}, line {max(rows.line_num, 1)}: {error}.") from None
    return found


def _read_marks(course: Course, known: Sequence[str], path: Path) -> dict[str, ByHand]:
    file = YamlFile(path, _read(path), ClassFileError)
    found: dict[str, ByHand] = {}
    for name, value in file.convert(file.data if file.data is not None else {}, dict[str, Any]).items():
        if name not in known:
            raise file.complaint(_unknown("submission", name, known), [name])
        found[name] = file.convert(value if value is not None else {}, ByHand, [name])
        before: list[Override] = []
        for number, override in enumerate(found[name].scores):
            problem = _problem(course, override, before)
            if problem:
                raise file.complaint(problem, [name, "scores", number])
            before.append(override)
    return found


def _problem(course: Course, override: Override, before: Sequence[Override]) -> str:
    """Say what is wrong with a score by hand; empty where all is well."""
    exercise, check = override.exercise, override.check
    if not (math.isfinite(override.score) and override.score >= 0):
        return "a score is a number, and not below 0"
    if not override.reason.strip():
        return "a score by hand needs its reason"
    if exercise is None and check is not None:
        return "name the exercise of the check too"
    if exercise is not None and exercise not in course.by_id:
        return _unknown("exercise", exercise, list(course.by_id))
    if exercise is not None and check is not None:
        checks = [one.id for one in course.by_id[exercise].checks]
        if check not in checks:
            return _unknown(f"check of `{exercise}`", check, checks)
    for other in before:
        if exercise is None or other.exercise is None:
            return "the score of everything is given by hand; leave the other scores out"
        if exercise == other.exercise and (check == other.check or check is None or other.check is None):
            return f"there are two scores by hand of `{check if check == other.check and check else exercise}`"
    return ""


def _unknown(what: str, name: str, known: Sequence[str]) -> str:
    there = f"there are: {listed(known, MAX_NAMED)}" if known else "there is none"
    near = _or_rather(name, known)
    return f"there is no {what} `{name}`{near}; {there}"


def _or_rather(name: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(name, list(known), 1)
    return f" (`{near[0]}` perhaps?)" if near else ""
