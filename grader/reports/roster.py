"""The roster: the people behind the submissions' ids, as gradebooks know them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from pathlib import Path

from grader.errors import RosterError
from grader.tables import NotATable, composed, read_table

KEY = "submission"
MOODLE_FOLDER = re.compile(r"(?P<name>.+?)(?:_\d+)?_assignsubmission_[a-z]+_?")
"""The name that Moodle gives to the folder of a submission."""


@dataclass(frozen=True)
class Person:
    """One line of the roster; missing columns are empty.

    `member` is no column: it is the id on the roster of somebody whose group handed in under another one.
    """

    submission: str
    name: str = ""
    email: str = ""
    username: str = ""
    id_number: str = ""
    section: str = ""
    canvas_id: str = ""
    sis_user_id: str = ""
    sis_login_id: str = ""
    marker: str = ""
    group: str = ""
    member: str = ""


@dataclass(frozen=True)
class Roster:
    """The people of a class.

    Attributes:
        people: the people who handed in each submission, by its id with composed letters; several of them are a group.
        given: whether there is a roster file.
    """

    people: Mapping[str, tuple[Person, ...]] = field(default_factory=dict)
    given: bool = False

    @classmethod
    def of(cls, people: Iterable[Person]) -> Roster:
        """Return the roster that lists these people."""
        grouped: dict[str, tuple[Person, ...]] = {}
        for person in people:
            submission = composed(person.submission)
            grouped[submission] = (*grouped.get(submission, ()), person)
        return cls(grouped, given=True)

    def settled(self, submissions: Sequence[str]) -> tuple[Roster, list[str]]:
        """Find the submission of each group, which may be named after the group or after one of its members.

        Args:
            submissions: the ids of what was handed in.

        Returns:
            The roster with the groups' members under these ids, and a sentence about each group that handed in more
            than one submission.
        """
        members: dict[str, list[Person]] = {}
        for person in (person for several in self.people.values() for person in several):
            if person.group:
                members.setdefault(composed(person.group).casefold(), []).append(person)
        exact = {composed(name): name for name in submissions}
        lower = {composed(name).casefold(): name for name in submissions}
        people = {person: person for several in self.people.values() for person in several}
        remarks = []
        for group in members.values():
            names = dict.fromkeys([group[0].group, *(person.submission for person in group)])
            ids = {name: exact.get(composed(name)) or lower.get(composed(name).casefold()) for name in names}
            handed_in = list(dict.fromkeys(name for name in ids.values() if name))
            if not handed_in:
                continue
            home = handed_in[0]
            for person in group:
                if not ids[person.submission]:
                    people[person] = replace(person, submission=home, member=person.submission)
            if len(handed_in) > 1:
                remarks.append(
                    f"The group `{group[0].group}` has several submissions: {', '.join(handed_in)}. Each counts for "
                    f"whoever it is named after, and {home} for the others. Keep one of them."
                )
        return Roster.of(people.values()) if self.given else self, remarks

    def id_of(self, submission: str) -> str:
        """Return the id under which the roster lists a submission; empty if it doesn't.

        If no id is the same, one that differs only in capitals is taken, unless there are several.
        """
        name = composed(submission)
        if name in self.people:
            return name
        same = self._by_lower_case.get(name.casefold(), [])
        return same[0] if len(same) == 1 else ""

    @cached_property
    def _by_lower_case(self) -> dict[str, list[str]]:
        names: dict[str, list[str]] = {}
        for name in self.people:
            names.setdefault(name.casefold(), []).append(name)
        return names

    def lists(self, submission: str) -> bool:
        """Say whether the roster lists a submission."""
        return bool(self.id_of(submission))

    def people_of(self, submission: str) -> tuple[Person, ...]:
        """Return who handed in a submission: at least one person.

        If the roster doesn't list it, only its id is filled in, and the name if the id is a folder's name from Moodle.
        """
        if name := self.id_of(submission):
            return self.people[name]
        folder = MOODLE_FOLDER.fullmatch(submission)
        return (Person(submission, name=folder["name"] if folder else ""),)

    def names(self, submission: str) -> str:
        """Return the names of those who handed in a submission; empty if the name of one of them isn't known."""
        names = [person.name for person in self.people_of(submission)]
        return ", ".join(names) if all(names) else ""

    def label(self, submission: str) -> str:
        """Return how reports call a submission: the names, if they are known, and its id: "Ann Example (ann)"."""
        names = self.names(submission)
        if names and not self.lists(submission):
            return names
        return f"{names} ({submission})" if names else submission


COLUMNS = tuple(column.name for column in fields(Person) if column.name != "member")
ALIASES = {
    "e_mail": "email",
    "email_address": "email",
    "full_name": "name",
    "student": "name",
    "student_name": "name",
    "group_name": "group",
    "team": "group",
    "user_name": "username",
    "login": "username",
    "login_name": "username",
    "student_id": "id_number",
    "teaching_assistant": "marker",
    "ta": "marker",
    "tutor": "marker",
    "folder": "submission",
    "submission_id": "submission",
}
"""Other headings for a column."""


def column(heading: str) -> str:
    """Return the roster's column that a table's heading means, or the heading itself."""
    return ALIASES.get(heading, heading)


def read_roster(path: Path) -> Roster:
    """Read a roster: a table with headings. The column `submission` is required, the others are optional.

    Several lines with the same submission are the people of a group.

    Raises:
        RosterError: the file cannot be read, or is ambiguous; the message names the line.
    """
    try:
        table = read_table(path)
    except NotATable as problem:
        raise RosterError(f"The roster {path} {problem}.") from None
    # A heading that is a column's own name comes before another heading for the same column.
    headings = {column(key): key for key in table.keys} | {key: key for key in table.keys if key in COLUMNS}
    if KEY not in headings:
        raise RosterError(f"The roster {path} has no column `{KEY}`. Possible columns: {', '.join(COLUMNS)}.")
    people: dict[Person, int] = {}
    for row in table.rows:
        person = Person(**{name: row[headings[name]] if name in headings else "" for name in COLUMNS})
        if not person.submission and person.group:
            person = replace(person, submission=person.group)
        if not person.submission:
            raise RosterError(
                f"{path}, line {row.line}: the submission id is missing. Write the name of the submission's folder."
            )
        if person in people:
            raise RosterError(
                f"{path}, line {row.line}: `{person.submission}` is listed twice for the same person, also in line "
                f"{people[person]}. Remove one of the lines, or name the other person."
            )
        people[person] = row.line
    return Roster.of(people)
