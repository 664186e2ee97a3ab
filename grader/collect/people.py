"""Lists of people that platforms let you download, and who of them handed in which submission.

Canvas has the exported gradebook and the list of a group set, Moodle the grading worksheet, Blackboard and Gradescope
tables of students, and GitHub Classroom its roster and its grades. A roster of your own is a list, too.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from grader.collect.model import Submitted, in_zone
from grader.collect.names import first_name_first, joined_letters, same_name
from grader.errors import CollectError
from grader.reports import Person
from grader.reports.roster import COLUMNS, column
from grader.tables import NotATable, Row, Table, read_table

FIELDS = {
    "login_id": "sis_login_id",
    "sections": "section",
    "sid": "id_number",
    "canvas_user_id": "canvas_id",
    "id_nummer": "id_number",
    "e_mail_adresse": "email",
}
"""Headings in platforms' lists, in addition to those that a roster may have."""
TIMES = ("submission_timestamp", "last_modified_submission", "handed_in")
"""The headings of times."""
FORMATS = (
    "%A, %d %B %Y, %I:%M %p",
    "%A, %d %B %Y, %H:%M",
    "%A, %B %d, %Y, %I:%M %p",
    "%d %B %Y, %I:%M %p",
    "%d/%m/%Y, %H:%M",
    "%d.%m.%Y, %H:%M",
    "%Y-%m-%d %H:%M:%S %Z",
)
"""How platforms write times, besides ISO 8601."""
NOBODY = re.compile(r"\s*(points possible|student, test|test student|manual posting)\s*", re.IGNORECASE)
"""Lines of an exported gradebook that are no people."""


@dataclass(frozen=True)
class Listed:
    """One line of a list.

    Attributes:
        person: the person; the field `submission` is empty.
        keys: what the platform knows the person by, such as `canvas:4711`.
        groups: the names of the person's groups.
        handed_in: when the person handed in, if the list says so.
    """

    person: Person
    keys: frozenset[str]
    groups: frozenset[str] = frozenset()
    handed_in: datetime | None = None


class People:
    """The people of all lists, and which of them are the submissions'.

    Args:
        listed: the lines of the lists.
        submitted: what was handed in.
    """

    def __init__(self, listed: Sequence[Listed], submitted: Sequence[Submitted]) -> None:
        self.listed = listed
        self._by_key = _index(listed, lambda each: each.keys)
        self._by_group = _index(listed, lambda each: {form for name in each.groups for form in _forms(name)})
        self._by_name = _index(listed, lambda each: _forms(each.person.name))
        self._with_name = Counter(form for each in submitted for form in set(_forms(_named(each))))

    def of(self, submitted: Submitted) -> list[Listed]:
        """Return the lines about those who handed in a submission; empty if there are none."""
        forms = _forms(_named(submitted))
        members = _with_keys(self._by_group, forms)
        known = _with_keys(self._by_key, submitted.keys)
        # A group's name says more than the one member whose number Canvas puts into the file's name.
        if members and not any(set(forms) & set(_forms(each.person.name)) for each in known):
            return members
        same = _with_keys(self._by_name, forms)
        is_unique = len(same) == 1 and all(self._with_name[form] <= 1 for form in forms)
        return known or (same if is_unique else [])


def _named(submitted: Submitted) -> str:
    return submitted.people[0].name if submitted.people else submitted.label


def _index(listed: Sequence[Listed], keys: Callable[[Listed], Iterable[str]]) -> dict[str, list[Listed]]:
    index: dict[str, list[Listed]] = defaultdict(list)
    for each in listed:
        for key in set(keys(each)):
            index[key].append(each)
    return dict(index)


def _with_keys(index: Mapping[str, list[Listed]], keys: Iterable[str]) -> list[Listed]:
    """Return the lines that have one of the keys, each once."""
    return list({id(each): each for key in keys for each in index.get(key, [])}.values())


def read_people(paths: Iterable[Path], zone: ZoneInfo | None) -> list[Listed]:
    """Read lists of people.

    Args:
        paths: the files.
        zone: the time zone of times without one.

    Raises:
        CollectError: a file cannot be read, or has no column that says who somebody is.
    """
    people: list[Listed] = []
    for path in paths:
        try:
            table = read_table(path)
        except NotATable as problem:
            raise CollectError(f"The list {path} {problem}.") from None
        lines = [each for row in table.rows if (each := _line(table, row, zone)) is not None]
        if not lines:
            known = "Canvas's gradebook or groups, Moodle's grading worksheet, GitHub Classroom's roster or grades"
            raise CollectError(f"The list {path} has no people in it that can be recognized. Lists that can: {known}.")
        people += lines
    return _merged(people)


def completed(person: Person, listed: Person) -> Person:
    """Return a person with what a list says; where it says nothing, what was known before stays."""
    known = {name: getattr(listed, name) or getattr(person, name) for name in COLUMNS}
    return Person(**known)


def keys_of(person: Person) -> set[str]:
    """Return what a person is known by in every list."""
    fields = ("email", "username", "id_number", "sis_user_id", "sis_login_id")
    keys = {f"{name}:{getattr(person, name).casefold()}" for name in fields if getattr(person, name)}
    return keys | ({f"canvas:{person.canvas_id}"} if person.canvas_id else set())


def _forms(name: str) -> tuple[str, ...]:
    """Return the forms in which a name may be in a download."""
    return tuple({form for form in (same_name(name), joined_letters(name), joined_letters(_last_first(name))) if form})


def _last_first(name: str) -> str:
    first, _, last = name.rpartition(" ")
    return f"{last}{first}"


def _line(table: Table, row: Row, zone: ZoneInfo | None) -> Listed | None:
    keys = table.keys
    is_canvas = "id" in keys and bool({"sis_user_id", "sis_login_id", "section"} & set(keys))
    is_github = "github_username" in keys
    values: dict[str, str] = {}
    for heading in keys:
        name = FIELDS.get(heading, column(heading))
        # Who is in a group together has the same submission here.
        if name in COLUMNS and name != "group" and row[heading]:
            values.setdefault(name, row[heading])
    values.pop("submission", None)
    if is_canvas:
        values["canvas_id"] = row["id"]
    if "canvas_user_id" in keys and row["user_id"]:
        values["sis_user_id"] = row["user_id"]
    if not values.get("name"):
        first = row["first_name"] or row["firstname"]
        last = row["last_name"] or row["lastname"] or row["surname"]
        values["name"] = f"{first} {last}".strip()
    if is_github:
        values["name"] = values["name"] or row["roster_identifier"] or row["identifier"] or row["github_username"]
    if NOBODY.fullmatch(values["name"]):
        return None
    person = Person("", **{name: values.get(name, "") for name in COLUMNS if name != "submission"})
    person = replace(person, name=first_name_first(person.name))
    known = keys_of(person)
    if is_github:
        known |= {f"github:{row['github_username'].lower()}"} if row["github_username"] else set()
    elif number := re.search(r"\d+$", row["identifier"]):
        known.add(f"moodle:{number[0]}")
    if row["student_repository_name"]:
        known.add(f"repository:{row['student_repository_name'].lower()}")
    if not known and not person.name:
        return None
    groups = frozenset(row[name] for name in ("group", "group_name") if row[name])
    handed_in = next((time for name in TIMES if (time := _time(row[name], zone)) is not None), None)
    return Listed(person, frozenset(known), groups, handed_in)


def _time(text: str, zone: ZoneInfo | None) -> datetime | None:
    """Read a time as platforms write it; None if it isn't one."""
    time = None
    text = " ".join(text.split())
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        for form in FORMATS:
            try:
                time = datetime.strptime(text, form)
            except ValueError:
                continue
            break
        if time is not None and text.endswith((" UTC", " GMT")):
            time = datetime.fromisoformat(f"{time:%Y-%m-%dT%H:%M:%S}+00:00")
    if time is None or not any(character.isdigit() for character in text):
        return None
    return in_zone(time, zone)


def _merged(listed: Sequence[Listed]) -> list[Listed]:
    """Put together what several lists say about one person."""
    merged: list[Listed] = []
    positions: dict[str, int] = {}
    for each in listed:
        # A repository may belong to several people.
        personal = [key for key in each.keys if not key.startswith("repository:")]
        position = next((positions[key] for key in personal if key in positions), len(merged))
        if position == len(merged):
            merged.append(each)
        else:
            known = merged[position]
            person = completed(each.person, known.person)
            handed_in = known.handed_in or each.handed_in
            merged[position] = Listed(person, known.keys | each.keys, known.groups | each.groups, handed_in)
        positions |= dict.fromkeys(personal, position)
    return merged
