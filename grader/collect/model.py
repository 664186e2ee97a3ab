"""What a platform's download contains, whatever the platform."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from zoneinfo import ZoneInfo

from grader.archives import LeftOut
from grader.reports import Person


def in_zone(time: datetime, zone: ZoneInfo | None) -> datetime:
    """Return a time with a time zone: its own, or else the given one; None is this computer's."""
    if time.tzinfo is not None:
        return time
    return time.astimezone() if zone is None else time.replace(tzinfo=zone)


@dataclass(frozen=True)
class SubmittedFile:
    """A file that someone handed in: where it belongs in their folder, and where it is in the download."""

    path: PurePosixPath
    source: Path


@dataclass(frozen=True)
class Attempt:
    """One attempt.

    Attributes:
        name: what it is called among the submission's attempts.
        files: its files, without those that the platform made.
        handed_in: when it was handed in, if the download says so.
        late: whether the platform calls it late.
        only_text: whether there is nothing but text that was typed into the platform.
    """

    name: str
    files: tuple[SubmittedFile, ...]
    handed_in: datetime | None = None
    late: bool = False
    only_text: bool = False


@dataclass(frozen=True)
class Submitted:
    """What one person or group handed in.

    Attributes:
        label: the part of the files' names that says whose they are; messages name it.
        keys: what the platform knows the person or group by, such as `canvas:4711`.
        people: the people, as far as the download says; the field `submission` is empty.
        attempts: the attempts in the download, from the first to the last, at least one.
        attempts_elsewhere: the number of earlier attempts that aren't in the download.
        prefix: how the name of a file with feedback must begin, so that the platform finds whose it is; empty if it
            takes none.
        knows_people: whether the download says who the people are, and not only what the platform calls them in names
            of files.
    """

    label: str
    keys: tuple[str, ...]
    people: tuple[Person, ...]
    attempts: tuple[Attempt, ...]
    attempts_elsewhere: int = 0
    prefix: str = ""
    knows_people: bool = False


@dataclass(frozen=True)
class Contents:
    """The contents of a download.

    Attributes:
        submitted: what was handed in, in the order of the labels.
        left_out: the files that belong to no submission or can't be taken, and why.
        remarks: sentences about the whole download.
        assignment: the name of the assignment, if the download says so; only to tell downloads apart.
        list_of_people: a sentence about the list with what the download doesn't have; empty if it has everything.
    """

    submitted: tuple[Submitted, ...]
    left_out: tuple[LeftOut, ...] = ()
    remarks: tuple[str, ...] = ()
    assignment: str = ""
    list_of_people: str = ""


@dataclass(frozen=True)
class Source:
    """A download to read.

    Attributes:
        root: the folder with its files.
        name: the name of that folder or of the archive, as the platform gave it.
        zone: the time zone of times without one; None is this computer's.
        exercises: the ids of the course's exercises.
    """

    root: Path
    name: str
    zone: ZoneInfo | None
    exercises: frozenset[str]
