"""Writes the roster and the hand-in times; what someone wrote into them by hand stays."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from grader.collect.identity import Owner
from grader.collect.names import same_name
from grader.collect.people import keys_of
from grader.collect.records import Records
from grader.errors import CollectError
from grader.files import reason, write_whole
from grader.reports import Person
from grader.reports.roster import COLUMNS, column
from grader.tables import NotATable, Table, composed, read_table, table_of, table_text
from grader.text import listed

ROSTER_FILE, TIMES_FILE, HAND_INS_FILE = "roster.csv", "times.yaml", "handed_in.csv"
HAND_IN_COLUMNS = ("submission", "assignment", "handed_in", "late", "attempts")
MAX_NAMED = 8
TIMES_TEXT = f"""\
# The hand-in times are in {HAND_INS_FILE}, which `grader collect` writes.
# This file is yours: add extensions here, as in
# extensions: {{ann-example: 2d}}
handed_in: {HAND_INS_FILE}
"""


@dataclass(frozen=True)
class HandIn:
    """One line of the hand-in times.

    Attributes:
        submission: the name of the submission's folder.
        handed_in: the time, if it is known.
        late: whether the platform calls it late.
        attempts: how many attempts there were, if the platform says so.
    """

    submission: str
    handed_in: datetime | None
    late: bool
    attempts: int


def write_roster(out: Path, owners: Sequence[Owner], gone: Iterable[str], records: Records) -> int:
    """Add people to the roster, and fill in what was missing about those who are on it.

    Lines and cells that an earlier run wrote are replaced if more is known now; those that someone wrote by hand stay.

    Args:
        out: the folder for everything that is collected.
        owners: the submissions' folders and people.
        gone: folders of people who had handed in nothing, and have handed in with a group since.
        records: the lines that earlier runs wrote; updated.

    Returns:
        The number of people on the roster.

    Raises:
        CollectError: the roster cannot be read or written.
    """
    table = _existing(out / ROSTER_FILE, COLUMNS)
    headings = [*table.headings, *(name for name in COLUMNS if name not in map(column, table.keys))]
    names = [column(name) for name in [*table.keys, *headings[len(table.keys) :]]]
    rows = [dict(zip(names, (row[name] for name in table.keys), strict=False)) for row in table.rows]
    rows = [dict.fromkeys(names, "") | row for row in rows]
    for owner in [*(Owner(name, (), is_known=True) for name in gone), *owners]:
        submission = owner.folder
        others = [row for row in rows if composed(row["submission"]) == composed(submission)]
        if others and not owner.is_known:
            # A name of a file says no more than what is there already.
            continue
        ours = [dict(zip(COLUMNS, cells, strict=False)) for cells in records.people.pop(submission, [])]
        for person in owner.people:
            row = _row_of(person, others)
            if row is None:
                row = dict.fromkeys(names, "")
                rows.append(row)
            else:
                others.remove(row)
            for name in COLUMNS:
                is_ours = any(row[name] == known.get(name) for known in ours)
                row[name] = (getattr(person, name) or row[name]) if is_ours else row[name] or getattr(person, name)
            records.people.setdefault(submission, []).append([getattr(person, name) for name in COLUMNS])
        for row in others:
            if any(all(value in ("", known.get(name)) for name, value in row.items()) for known in ours):
                rows.remove(row)
    _write(out / ROSTER_FILE, table_text([headings, *([row[name] for name in names] for row in rows)], table.separator))
    return len(rows)


def write_times(
    out: Path, assignment: str, due: Sequence[str], hand_ins: Sequence[HandIn], records: Records
) -> list[str]:
    """Write the hand-in times; a time that someone changed by hand stays.

    Args:
        out: the folder for everything that is collected.
        assignment: the assignment that was handed in; empty for all.
        due: the assignments with a due date.
        hand_ins: the times.
        records: the times that earlier runs wrote; updated.

    Returns:
        Sentences about times that stayed, although the download has newer ones.

    Raises:
        CollectError: the times cannot be read or written.
    """
    table = _existing(out / HAND_INS_FILE, HAND_IN_COLUMNS)
    headings = [*table.headings, *(name for name in HAND_IN_COLUMNS if name not in table.keys)]
    names = [*table.keys, *headings[len(table.keys) :]]
    rows = [{name: row[name] for name in names} for row in table.rows]
    known = {(composed(row["submission"]), row["assignment"]): row for row in rows}
    remarks: list[str] = []
    by_assignment: list[str] = []
    for hand_in in hand_ins:
        submission = composed(hand_in.submission)
        which = (submission, assignment)
        if assignment and which not in known and (submission, "") in known:
            # A time for all assignments would contradict one for this assignment, so it is one for each other now.
            for_all = known.pop((submission, ""))
            rows.remove(for_all)
            ours = records.times.pop(f"{submission}\t", None)
            for other in due:
                if other != assignment and (submission, other) not in known:
                    known[submission, other] = for_all | {"assignment": other}
                    rows.append(known[submission, other])
                    records.times |= {} if ours is None else {f"{submission}\t{other}": ours}
        elif not assignment and which not in known and submission in {name for name, _ in known}:
            by_assignment.append(hand_in.submission)
            continue
        row = known.get(which)
        if row is None:
            row = known[which] = dict.fromkeys(names, "") | {"submission": hand_in.submission, "assignment": assignment}
            rows.append(row)
        time = "" if hand_in.handed_in is None else hand_in.handed_in.isoformat(timespec="seconds")
        key = "\t".join(which)
        if row["handed_in"] in ("", records.times.get(key, "")):
            row["handed_in"] = records.times[key] = time or row["handed_in"]
        elif time and time != row["handed_in"]:
            remarks.append(
                f"{HAND_INS_FILE}: the time of {hand_in.submission} stays {row['handed_in']}, as you wrote it; the "
                f"download says {time}."
            )
        row["late"] = "yes" if hand_in.late else ""
        row["attempts"] = str(hand_in.attempts) if hand_in.attempts > 1 else ""
    if by_assignment:
        names_of_some = listed(by_assignment, MAX_NAMED)
        remarks.append(
            f"{HAND_INS_FILE} has times by assignment, and this download is for several or none, so the times of "
            f"{names_of_some} are not in it. To name the assignment: --assignment ID"
        )
    _write(
        out / HAND_INS_FILE, table_text([headings, *([row[name] for name in names] for row in rows)], table.separator)
    )
    if not (out / TIMES_FILE).exists():
        _write(out / TIMES_FILE, TIMES_TEXT, mark="")
    return remarks


def _existing(path: Path, columns: Sequence[str]) -> Table:
    if not path.exists():
        return table_of(",".join(columns))
    try:
        table = read_table(path)
    except NotATable as problem:
        raise CollectError(f"{path} {problem}.") from None
    if columns[0] not in (map(column, table.keys) if columns == COLUMNS else table.keys):
        raise CollectError(f"{path} has no column `{columns[0]}`. Add it, or collect into a new folder.")
    return table


def _row_of(person: Person, rows: Sequence[dict[str, str]]) -> dict[str, str] | None:
    """Return the line about a person among those of the same submission; None if there is none."""
    keys = keys_of(person)
    for row in rows:
        listed = Person(**{name: row[name] for name in COLUMNS})
        if keys & keys_of(listed) or (person.name and same_name(person.name) == same_name(listed.name)):
            return row
    if len(rows) == 1 and not any(rows[0][name] for name in COLUMNS[1:]):
        return rows[0]
    return None


def _write(path: Path, text: str, mark: str = "\ufeff") -> None:
    """Write a file; the byte order mark tells spreadsheets that it is in UTF-8."""
    content = (mark + text).encode()
    try:
        if not path.exists() or path.read_bytes() != content:
            write_whole(path, content)
    except OSError as error:
        raise CollectError(f"{path} cannot be written ({reason(error)}). Make space, or close the file.") from None
