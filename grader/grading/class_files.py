"""The instructor's own files: submission times, extensions, and comments and scores set by hand.

The grader only reads them. `docs/class.md` describes their format.
"""

from __future__ import annotations

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
from grader.grading.marks import NO_MARKS, ByHand, read_marks
from grader.grading.marks.alike import GroupMarks
from grader.grading.marks.files import read_text
from grader.grading.pseudonyms import pseudonyms
from grader.grading.unknown import MAX_NAMED, unknown
from grader.tables import NotATable, composed, read_table
from grader.text import did_you_mean, listed


class _ClassBlock(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    handed_in: str | dict[str, Any] = {}
    extensions: dict[str, Any] = {}


@dataclass(frozen=True)
class Register:
    """The contents of the instructor's files.

    Attributes:
        handed_in: submission times, by submission and assignment.
        extensions: extended due dates, by submission and assignment.
        by_hand: comments, manual scores and rubric items, by submission.
        remarks: sentences about entries that don't fit the submissions.
        answers: answers to everybody who asked about a check, by exercise and check.
        alike: marks for all submissions that fail alike, by the id of their group.
    """

    handed_in: Mapping[str, Mapping[str, datetime]] = field(default_factory=dict)
    extensions: Mapping[str, Mapping[str, datetime]] = field(default_factory=dict)
    by_hand: Mapping[str, ByHand] = field(default_factory=dict)
    remarks: Sequence[str] = ()
    answers: Mapping[str, str] = field(default_factory=dict)
    alike: Mapping[str, GroupMarks] = field(default_factory=dict)


def read_register(
    course: Course,
    graded: Collection[str],
    others: Collection[str],
    times: Path | None = None,
    marks: Sequence[Path] = (),
) -> Register:
    """Read the instructor's files.

    Args:
        course: the course.
        graded: the ids of the submissions that are graded.
        others: the ids of known submissions that are not graded this time.
        times: the file with submission times and extensions, if there is one.
        marks: the files with comments, manual scores and rubric items.

    Raises:
        ClassFileError: a file cannot be read, or something in it is wrong; the message names the line.
    """
    known = [*graded, *others]
    handed_in: dict[str, dict[str, datetime]] = {}
    extensions: dict[str, dict[str, datetime]] = {}
    remarks: list[str] = []
    if times is not None:
        handed_in, extensions = (_with_known_names(read, known) for read in _read_times(course, times))
        unknown = [name for name in dict.fromkeys([*handed_in, *extensions]) if name not in known]
        if unknown:
            names = [f"`{name}`{did_you_mean(name, known)}" for name in unknown]
            remarks.append(f"{times} lists submissions that don't exist; ignored: {listed(names, MAX_NAMED)}.")
    remarks += _without_a_time(course, graded, handed_in)
    marked = read_marks(course, known, marks, _by_pseudonym(course, known)) if marks else NO_MARKS
    return Register(handed_in, extensions, marked.by_hand, remarks, marked.answers, marked.alike)


def _by_pseudonym(course: Course, known: Collection[str]) -> dict[str, str]:
    return {pseudonym: name for name, pseudonym in pseudonyms(course.whole.id, known).items()}


def _with_known_names(
    times: Mapping[str, dict[str, datetime]], known: Collection[str]
) -> dict[str, dict[str, datetime]]:
    """Return times with the names that submissions have, if they differ only in how letters are composed."""
    names = {composed(name): name for name in known}
    return {names.get(composed(name), name): value for name, value in times.items()}


def _without_a_time(course: Course, graded: Collection[str], handed_in: Mapping[str, object]) -> list[str]:
    """Say which submissions have no submission time, if being late could cost points."""
    missing = [name for name in graded if name not in handed_in]
    if not missing or not any(assignment.due and assignment.late for assignment in course.assignments):
        return []
    if not handed_in:
        return ["No submission times were given, so nothing counts as late. To give them: --times FILE"]
    return [f"No submission time for {listed(missing, MAX_NAMED)}; treated as on time."]


def _read_times(course: Course, path: Path) -> tuple[dict[str, dict[str, datetime]], dict[str, dict[str, datetime]]]:
    file = YamlFile(path, read_text(path), ClassFileError)
    block = file.convert(file.data if file.data is not None else {}, _ClassBlock)
    if isinstance(block.handed_in, str):
        handed_in = _read_table(course, path.parent / block.handed_in)
    else:
        handed_in = {
            name: _by_assignment(course, file, ["handed_in", name], value, lambda value, _: _time(value))
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
    """Read one time for all assignments with a due date, or a time for each assignment that is listed."""
    due = {assignment.id: assignment.due for assignment in course.assignments}
    given = value if isinstance(value, dict) else dict.fromkeys(_with_a_due_date(course), value)
    times: dict[str, datetime] = {}
    for name, time in given.items():
        try:
            times[name] = read(time, due[_assignment(course, name)])
        except ValueError as error:
            raise file.complaint(str(error), [*keys, name] if isinstance(value, dict) else keys) from None
    return times


def _with_a_due_date(course: Course) -> list[str]:
    return [assignment.id for assignment in course.assignments if assignment.due is not None]


def _assignment(course: Course, name: str) -> str:
    """Return the name of an assignment.

    Raises:
        ValueError: there is no such assignment; the message lists the assignments.
    """
    names = [assignment.id for assignment in course.assignments]
    if name not in names:
        raise ValueError(unknown("assignment", name, names))
    return name


def _time(value: Any) -> datetime:
    """Read a date and time.

    Raises:
        ValueError: it isn't one, or has no time zone.
    """
    try:
        time = value if isinstance(value, datetime) else datetime.fromisoformat(str(value).strip())
    except ValueError:
        time = None
    if time is None or time.tzinfo is None:
        problem = "is not a date and time" if time is None or type(value) is date else "needs a time zone"
        raise ValueError(f"`{value}` {problem}: write it as in 2027-01-31T23:59:00+01:00")
    return time


def _extended(value: Any, due: datetime | None) -> datetime:
    """Read an extended due date: a date and time, or a duration from the due date; never earlier than the due date."""
    if due is None:
        raise ValueError("this assignment has no due date, so it can't be extended")
    if isinstance(value, date):
        return max(due, _time(value))
    try:
        return due + duration(value)
    except ValueError as error:
        raise ValueError(f"{error}; or a date and time, as in 2027-01-31T23:59:00+01:00") from None


def _read_table(course: Course, path: Path) -> dict[str, dict[str, datetime]]:
    """Read submission times from a table with the columns `submission`, `handed_in` and optionally `assignment`."""
    try:
        table = read_table(path)
    except NotATable as problem:
        raise ClassFileError(f"{path} {problem}.") from None
    times: dict[str, dict[str, datetime]] = {}
    line = 1
    try:
        for required in ("submission", "handed_in"):
            if required not in table.keys:
                raise ValueError(
                    f"there is no column `{required}`; the columns are: {', '.join(table.headings) or 'none'}"
                )
        for row in table.rows:
            line = row.line
            submission, handed_in, assignment = row["submission"], row["handed_in"], row["assignment"]
            if not handed_in:
                continue
            for name in [_assignment(course, assignment)] if assignment else _with_a_due_date(course):
                if name in times.setdefault(submission, {}):
                    raise ValueError(f"`{submission}` has two submission times for `{name}`; keep the line that counts")
                times[submission][name] = _time(handed_in)
    except ValueError as error:
        raise ClassFileError(f"{path}, line {line}: {error}.") from None
    return times
