"""The roster: the people behind the submissions' ids, as gradebooks know them."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field, fields
from pathlib import Path

from grader.errors import RosterError
from grader.files import reason

KEY = "submission"


@dataclass(frozen=True)
class Person:
    """One line of the roster; missing columns are empty."""

    submission: str
    name: str = ""
    email: str = ""
    username: str = ""
    id_number: str = ""
    section: str = ""
    canvas_id: str = ""
    sis_user_id: str = ""
    sis_login_id: str = ""


@dataclass(frozen=True)
class Roster:
    """The people of a class by submission id; `given` is false if there is no roster file."""

    people: dict[str, Person] = field(default_factory=dict)
    given: bool = False

    def person(self, submission: str) -> Person:
        """Return who handed in a submission; only its id is filled in if the roster doesn't list it."""
        return self.people.get(submission, Person(submission))


COLUMNS = tuple(column.name for column in fields(Person))


def read_roster(path: Path) -> Roster:
    """Read a roster: a CSV file with a header. The column `submission` is required, the others are optional.

    Raises:
        RosterError: the file cannot be read, or is ambiguous; the message names the line.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            heads = [head.strip() for head in reader.fieldnames or []]
            reader.fieldnames = heads
            rows = [(reader.line_num, row) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise RosterError(f"The roster {path} cannot be read ({reason(error)}). Save it as CSV in UTF-8.") from None
    known = ", ".join(COLUMNS)
    if KEY not in heads:
        raise RosterError(f"The roster {path} has no column `{KEY}`. Possible columns: {known}.")
    people: dict[str, Person] = {}
    for line, row in rows:
        person = Person(**{name: (row.get(name) or "").strip() for name in COLUMNS})
        if not person.submission:
            raise RosterError(
                f"{path}, line {line}: the submission id is missing. Write the name of the submission's folder."
            )
        if person.submission in people:
            raise RosterError(f"{path}, line {line}: `{person.submission}` is listed twice. Remove one of the lines.")
        people[person.submission] = person
    return Roster(people, given=True)
