"""The roster: who stands behind a submission's id, as the systems that keep grades know them."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field, fields
from pathlib import Path

from grader.errors import RosterError

KEY = "submission"


@dataclass(frozen=True)
class Person:
    """One line of the roster; what it does not hold is empty."""

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
    """All that is known of the class, by submission id; `given` is false where there is no roster file."""

    people: dict[str, Person] = field(default_factory=dict)
    given: bool = False

    def person(self, submission: str) -> Person:
        """Return who handed a submission in; its id alone where the roster does not say."""
        return self.people.get(submission, Person(submission))


COLUMNS = tuple(one.name for one in fields(Person))


def read_roster(path: Path) -> Roster:
    """Read a roster: a CSV file with a heading, of which the column `submission` is needed and others are optional.

    Raises:
        RosterError: it cannot be read, or is ambiguous; the message names the line.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            heads = [head.strip() for head in reader.fieldnames or []]
            reader.fieldnames = heads
            rows = [(reader.line_num, row) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise RosterError(f"The roster {path} cannot be read ({error}). Save it as CSV in UTF-8.") from None
    known = ", ".join(COLUMNS)
    if KEY not in heads:
        raise RosterError(f"The roster {path} has no column `{KEY}`. Its heading may hold: {known}.")
    people: dict[str, Person] = {}
    for line, row in rows:
        person = Person(**{name: (row.get(name) or "").strip() for name in COLUMNS})
        if not person.submission:
            raise RosterError(f"{path}, line {line}: there is no submission id. Write the name of a folder.")
        if person.submission in people:
            raise RosterError(f"{path}, line {line}: `{person.submission}` is there already. Leave one of them out.")
        people[person.submission] = person
    return Roster(people, given=True)
