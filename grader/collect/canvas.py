"""Canvas: *Download Submissions* gives files without folders.

They are called `lastfirst_LATE_4711_99_layer_norm-1.py`: the sortable name of the person or group without spaces, then
`LATE` if it is, the user's and the file's number, and the file's name. If someone hands in a file again, Canvas puts
`-1`, `-2`, … after its name. In anonymous downloads, `anon_` and some letters replace the name and the user's number.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from grader.archives import LeftOut
from grader.collect.download import entries, is_folder, problem_with
from grader.collect.model import Attempt, Contents, Source, Submitted, SubmittedFile
from grader.reports import Person

WHO = r"(?:(?P<name>.+?)_)?(?:(?P<late>LATE)_)?(?P<user>\d+|anon_(?:LATE_)?[A-Za-z0-9]+(?:_LATE)?)_"
FILE = re.compile(WHO + r"(?P<file>\d+)_(?P<original>.+)", re.IGNORECASE | re.DOTALL)
TEXT = re.compile(WHO + r"(?P<original>text|link)\.html", re.IGNORECASE | re.DOTALL)
AGAIN = re.compile(r"(?P<stem>.+?)-(?P<number>\d{1,3})(?P<suffix>\.[^.]+)")
NO_TIMES = (
    "Canvas's download has no hand-in times, only the mark LATE. If they matter, copy them from SpeedGrader into "
    "handed_in.csv, column handed_in, with the time zone: 2027-02-01T00:20:00+01:00"
)
LIST = (
    "Canvas's download has no full names and no logins. They are in the gradebook (Grades, Export), and for groups in "
    "the list of the group set (People, Download): --people FILE"
)


@dataclass(frozen=True)
class _File:
    """A file of one user: its name, how often it was handed in before, and its number in Canvas."""

    name: str
    again: int
    number: int
    source: Path


def matches(root: Path) -> int:
    """Count the files that are named as Canvas names them."""
    return sum(not is_folder(entry) and _parsed(entry.name) is not None for entry in entries(root))


def read(source: Source) -> Contents:
    """Read an unpacked download."""
    files: dict[str, list[_File]] = defaultdict(list)
    texts: dict[str, Path] = {}
    late: set[str] = set()
    labels: dict[str, str] = {}
    left_out = []
    for entry in entries(source.root):
        parsed = _parsed(entry.name)
        if is_folder(entry) or parsed is None:
            what = (
                "is a folder, and Canvas's download has none"
                if is_folder(entry)
                else "isn't named as Canvas names files"
            )
            left_out.append(LeftOut(entry.name, what))
            continue
        label, user, is_late = _who(parsed)
        labels.setdefault(user, label)
        late |= {user} if is_late else set()
        if problem := problem_with(entry):
            left_out.append(LeftOut(entry.name, problem))
        elif parsed.re is TEXT:
            texts[user] = entry
        else:
            name, again = original_name(parsed["original"], source.exercises)
            files[user].append(_File(name, again, int(parsed["file"]), entry))
    submitted = [
        Submitted(
            labels[user],
            (f"canvas:{user}",),
            (Person("", name=labels[user], canvas_id=user if user.isdigit() else ""),),
            _attempts(files[user], texts.get(user), user in late),
            prefix=_prefix(files[user]),
        )
        for user in sorted(labels, key=lambda user: (labels[user], user))
    ]
    return Contents(tuple(submitted), tuple(left_out), (NO_TIMES,), list_of_people=LIST)


def original_name(name: str, exercises: Collection[str]) -> tuple[str, int]:
    """Return the name that a file had before Canvas changed it, and how often it had been handed in before.

    Only names that a learner's file can't have are changed: a module's name contains no hyphen.
    """
    again = AGAIN.fullmatch(name)
    if again is None:
        return name, 0
    stem, suffix = again["stem"], again["suffix"].lower()
    # A browser may have put ` (1)` after the name before that.
    base = re.sub(r" ?\(\d{1,3}\)$", "", stem)
    if (suffix == ".py" and base.isidentifier()) or (suffix == ".ipynb" and stem in exercises):
        return stem + again["suffix"], int(again["number"])
    return name, 0


def _parsed(name: str) -> re.Match[str] | None:
    return TEXT.fullmatch(name) or FILE.fullmatch(name)


def _who(parsed: re.Match[str]) -> tuple[str, str, bool]:
    """Return the label and the number of a user, and whether the file is late."""
    name, user = parsed["name"] or "", parsed["user"]
    is_late = bool(parsed["late"])
    if name.upper() == "LATE":
        name, is_late = "", True
    if user.lower().startswith("anon_"):
        letters = [part for part in user.split("_")[1:] if part.upper() != "LATE"]
        is_late = is_late or len(letters) < user.count("_")
        user = "_".join(["anon", *letters])
    return name or (user if user.startswith("anon") else f"user-{user}"), user, is_late


def _prefix(files: Sequence[_File]) -> str:
    """Return the part of a file's name by which Canvas finds the user and the submission that feedback is for."""
    newest = max(files, key=lambda file: file.number, default=None)
    parsed = None if newest is None else FILE.fullmatch(newest.source.name)
    return "" if parsed is None or newest is None else newest.source.name[: parsed.start("original")]


def _attempts(files: list[_File], text: Path | None, late: bool) -> tuple[Attempt, ...]:
    """Order a user's files by attempts: of several with the same name, the one handed in last is in the last."""
    versions: dict[str, list[_File]] = defaultdict(list)
    for file in sorted(files, key=lambda file: (file.again, file.number)):
        versions[file.name.casefold()].append(file)
    earlier = max((len(same) - 1 for same in versions.values()), default=0)
    attempts = []
    for number in range(earlier, -1, -1):
        # Counted from the end: attempt 0 is the last.
        of_this = [same[-1 - number] for same in versions.values() if len(same) > number]
        taken = tuple(SubmittedFile(PurePosixPath(file.name), file.source) for file in of_this)
        attempts.append(Attempt(str(earlier - number + 1), taken, None, late and number == 0))
    if not files and text is not None:
        only = SubmittedFile(PurePosixPath("onlinetext.html"), text)
        return (Attempt("1", (only,), None, late, only_text=True),)
    return tuple(attempts)
