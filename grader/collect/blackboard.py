"""Blackboard: *Assignment File Download* gives files without folders, for all attempts.

They are called `Assignment_username_attempt_2026-01-31-23-50-00_layer_norm.py`. Each attempt also has a file with that
name without the last part, and `.txt` after it: it begins with the person's name and ends with a list of the files'
original names. What a student typed is between them, so the name is read only from the first line, and the list counts
only for files of the same attempt.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath
from zoneinfo import ZoneInfo

from grader.archives import LeftOut
from grader.collect.download import entries, is_folder, problem_with
from grader.collect.model import Attempt, Contents, Source, Submitted, SubmittedFile, in_zone
from grader.reports import Person
from grader.tables import NotATable, read_text

STAMP = "%Y-%m-%d-%H-%M-%S"
ENTRY = re.compile(
    r"(?P<prefix>.+?)_attempt_(?P<stamp>\d{4}(?:-\d\d){5})(?:_(?P<original>.+)|(?P<text>\.txt))", re.DOTALL
)
NAME = re.compile(r"\s*Name:\s*(?P<name>.*?)\s*\((?P<user>[^()]*)\)\s*")
ORIGINAL = re.compile(
    r"^\s*Original filename:[ \t]*(?P<original>.*?)\s*^\s*Filename:[ \t]*(?P<filename>.*?)\s*$", re.MULTILINE
)
NO_NAME = re.compile(r"[/\\\0]|^\.{1,2}$")


@dataclass
class _Attempt:
    files: dict[str, Path] = field(default_factory=dict)
    text: Path | None = None


def matches(root: Path) -> int:
    """Count the files that are named as Blackboard names them."""
    return sum(ENTRY.fullmatch(entry.name) is not None and not is_folder(entry) for entry in entries(root))


def read(source: Source) -> Contents:
    """Read an unpacked download."""
    left_out: list[LeftOut] = []
    attempts_by_prefix: dict[str, dict[str, _Attempt]] = defaultdict(lambda: defaultdict(_Attempt))
    for entry in entries(source.root):
        parsed = ENTRY.fullmatch(entry.name)
        if parsed is None or is_folder(entry):
            left_out.append(LeftOut(entry.name, "isn't named as Blackboard names files"))
        elif problem := problem_with(entry):
            left_out.append(LeftOut(entry.name, problem))
        elif parsed["text"]:
            attempts_by_prefix[parsed["prefix"]][parsed["stamp"]].text = entry
        else:
            attempts_by_prefix[parsed["prefix"]][parsed["stamp"]].files[entry.name] = entry
    submitted = [_submitted(prefix, attempts, source.zone) for prefix, attempts in sorted(attempts_by_prefix.items())]
    zone = "this computer's time zone" if source.zone is None else source.zone.key
    remark = f"Blackboard's times have no time zone, and were read in {zone}. For another one: --timezone NAME"
    return Contents(tuple(submitted), tuple(left_out), (remark,), _assignment(submitted, sorted(attempts_by_prefix)))


def _submitted(prefix: str, attempts: dict[str, _Attempt], zone: ZoneInfo | None) -> Submitted:
    stamps = sorted(attempts)
    texts = [_text(attempts[stamp].text) for stamp in reversed(stamps)]
    name, user = "", prefix.rpartition("_")[2]
    for text in texts:
        first = NAME.match(text.split("\n", 1)[0])
        if first and prefix.endswith(f"_{first['user']}"):
            name, user = first["name"], first["user"]
            break
    done = [_attempt(prefix, stamp, attempts[stamp], zone) for stamp in stamps]
    return Submitted(
        user,
        (f"username:{user}",),
        (Person("", name=name or user, username=user),),
        tuple(done),
        knows_people=bool(name),
    )


def _attempt(prefix: str, stamp: str, attempt: _Attempt, zone: ZoneInfo | None) -> Attempt:
    text = _text(attempt.text)
    # The list of files is at the end, after what the student wrote.
    listed = {match["filename"]: match["original"] for match in ORIGINAL.finditer(text)}
    start = len(f"{prefix}_attempt_{stamp}_")
    files = []
    for filename, path in attempt.files.items():
        original = listed.get(filename, "")
        name = filename[start:] if not original or NO_NAME.search(original) else original
        files.append(SubmittedFile(PurePosixPath(name), path))
    only_text = not files and attempt.text is not None
    if only_text and attempt.text is not None:
        files = [SubmittedFile(PurePosixPath("onlinetext.txt"), attempt.text)]
    try:
        handed_in: datetime | None = in_zone(datetime.strptime(stamp, STAMP), zone)
    except (ValueError, OverflowError, OSError):
        handed_in = None
    return Attempt(stamp, tuple(files), handed_in, only_text=only_text)


def _text(path: Path | None) -> str:
    try:
        return "" if path is None else read_text(path)
    except NotATable:
        return ""


def _assignment(submitted: list[Submitted], prefixes: list[str]) -> str:
    """Return the name of the assignment, if it is the same in all names."""
    names = {prefix[: -len(f"_{each.label}")] for each, prefix in zip(submitted, prefixes, strict=True)}
    return names.pop() if len(names) == 1 else ""
