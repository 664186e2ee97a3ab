"""Which folder belongs to whom: the same person gets the same folder in every download, and two people never do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from grader.collect.model import Submitted
from grader.collect.names import folder_name, joined_letters, same_name
from grader.collect.people import People, completed, keys_of
from grader.collect.records import FolderRecord, Records
from grader.reports import Person
from grader.text import printable

PERSONAL = frozenset({"email", "username", "id_number", "canvas", "sis_user_id", "sis_login_id", "github"})
"""What a person has only one of: if it differs, two people are meant, although they have the same name."""


@dataclass(frozen=True)
class Owner:
    """A submission's folder, and whose it is.

    Attributes:
        folder: the name of the folder.
        people: the people, each with the folder's name as the submission.
        is_known: whether a list or the download says who they are; otherwise a file's name is all that is known.
    """

    folder: str
    people: tuple[Person, ...]
    is_known: bool


class Owners:
    """Gives folders to those who handed in.

    Args:
        records: the folders that earlier runs gave; updated.
        lists: the people in the platform's lists.
        submitted: what was handed in.
    """

    def __init__(self, records: Records, lists: People, submitted: Sequence[Submitted]) -> None:
        self._records, self._lists = records, lists
        self._people = [self._people_of(each) for each in submitted]
        self._names = Counter(_name_key(people) for people in self._people if len(people) == 1)
        self._by_key = {key: folder for folder, record in records.folders.items() for key in record.keys}
        self._given: set[str] = set()
        self.submitted = list(submitted)
        self.same_names = sorted(
            {people[0].name for people in self._people if len(people) == 1 and self._names[_name_key(people)] > 1}
        )

    def all(self) -> list[Owner]:
        """Return the owner of each submission, in the order of the submissions."""
        return [self._owner(each, people) for each, people in zip(self.submitted, self._people, strict=True)]

    def waiting(self, owners: Sequence[Owner]) -> list[Owner]:
        """Return the people in the lists who handed in nothing, with the folder that they will have."""
        there = {key for owner in owners for person in owner.people for key in keys_of(person)}
        names = {same_name(person.name) for owner in owners for person in owner.people}
        members = {
            key.removeprefix("member:")
            for record in self._records.folders.values()
            for key in record.keys
            if key.startswith("member:")
        }
        waiting = []
        for listed in self._lists.listed:
            keys = keys_of(listed.person)
            if keys & (there | members) or (not keys and same_name(listed.person.name) in names):
                continue
            if listed.person.name or keys:
                waiting.append(self._give((listed.person,), set(listed.keys), listed.person.name or min(keys), True))
        return waiting

    def no_longer_waiting(self, owners: Sequence[Owner]) -> list[str]:
        """Return the folders that were kept for people who have handed in with a group instead."""
        members = {
            key for owner in owners if len(owner.people) > 1 for person in owner.people for key in keys_of(person)
        }
        folders = {owner.folder for owner in owners}
        return [
            folder
            for folder, record in self._records.folders.items()
            if folder not in folders and not record.files and members & set(record.keys)
        ]

    def _people_of(self, submitted: Submitted) -> tuple[Person, ...]:
        listed = self._lists.of(submitted)
        if len(submitted.people) > 1:
            known = {key: each.person for each in self._lists.listed for key in each.keys}
            return tuple(
                completed(person, next((known[key] for key in sorted(keys_of(person)) if key in known), person))
                for person in submitted.people
            )
        if len(listed) == 1 and submitted.people:
            return (completed(submitted.people[0], listed[0].person),)
        return tuple(each.person for each in listed) or submitted.people or (Person("", name=submitted.label),)

    def _owner(self, submitted: Submitted, people: tuple[Person, ...]) -> Owner:
        wanted = (
            "-".join(person.name for person in people) if all(person.name for person in people) else submitted.label
        )
        is_known = submitted.knows_people or bool(self._lists.of(submitted))
        return self._give(people, set(submitted.keys), wanted, is_known, submitted.label)

    def _give(self, people: tuple[Person, ...], keys: set[str], wanted: str, is_known: bool, label: str = "") -> Owner:
        # Without the list of people, a group was taken for someone who has the group's name.
        by_label = [f"label:{joined_letters(label)}", f"name:{same_name(label)}"]
        if len(people) > 1:
            members = {f"member:{key}" for person in people for key in keys_of(person)}
            together = "+".join(sorted(min(keys_of(person), default=same_name(person.name)) for person in people))
            # The number of one member is no name for the group.
            strong = {key for key in keys if not _is_personal(key)} | {f"group:{together}"}
            all_keys = strong | members | {by_label[0]}
        else:
            strong = keys | keys_of(people[0])
            all_keys = strong | ({_name_key(people)} if people[0].name else set())
            by_label = [] if is_known else by_label[:1]
        folder = self._known([*by_label, *sorted(strong)], people) or self._new(wanted)
        self._given.add(folder)
        record = self._records.folders.setdefault(folder, FolderRecord())
        is_group = len(people) > 1 or any(key.startswith("group:") for key in record.keys)
        kept = {key for key in {*record.keys, *all_keys} if not (is_group and _is_personal(key))}
        for key in set(record.keys) - kept:
            self._by_key.pop(key, None)
        record.keys = sorted(kept)
        self._by_key |= dict.fromkeys(kept, folder)
        cleaned = (replace(person, submission=folder, name=printable(person.name)) for person in people)
        return Owner(folder, tuple(cleaned), is_known)

    def _known(self, keys: Sequence[str], people: tuple[Person, ...]) -> str:
        """Return the folder that an earlier run gave to someone; empty if none."""
        for key in keys:
            folder = self._by_key.get(key, "")
            if folder and folder not in self._given:
                return folder
        if len(people) > 1 or not people[0].name or self._names[_name_key(people)] > 1:
            return ""
        same = [
            folder
            for folder, record in self._records.folders.items()
            if _name_key(people) in record.keys and folder not in self._given and not _contradict(keys, record.keys)
        ]
        return same[0] if len(same) == 1 else ""

    def _new(self, wanted: str) -> str:
        name = folder_name(wanted)
        taken = {folder.casefold() for folder in self._records.folders}
        number = 1
        while (name if number == 1 else f"{name}-{number}").casefold() in taken:
            number += 1
        return name if number == 1 else f"{name}-{number}"


def _name_key(people: tuple[Person, ...]) -> str:
    return f"name:{same_name(people[0].name)}"


def _is_personal(key: str) -> bool:
    return key.partition(":")[0] in PERSONAL | {"name"}


def _contradict(keys: Sequence[str], known: Sequence[str]) -> bool:
    """Say whether what two people are known by shows that they are two."""
    mine = {key.partition(":")[0]: key for key in keys}
    theirs = {key.partition(":")[0]: key for key in known}
    return any(kind in theirs and theirs[kind] != mine[kind] for kind in mine if kind in PERSONAL)
