"""Moodle: *Download all submissions* gives a folder per submission, or only files, as the teacher chooses.

A folder is called `Ann Example_1234567_assignsubmission_file`, in older versions with `_` at the end, and a file
without folders `Ann Example_1234567_assignsubmission_file_layer_norm.py`. The number is new in every assignment. The
folder of a team has the team's name and number. Text that was typed into Moodle is in `onlinetext.html`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path, PurePosixPath

from grader.archives import LeftOut
from grader.collect.download import entries, files_below, is_folder, problem_with
from grader.collect.model import Attempt, Contents, Source, Submitted, SubmittedFile
from grader.reports import Person

ENTRY = re.compile(
    r"(?P<name>.+?)(?:_(?P<number>\d+))?_assignsubmission_(?P<kind>[a-z]+)(?:_(?P<original>.*))?",
    re.DOTALL,
)
ONLINE_TEXT = "onlinetext"
LIST = (
    "Moodle's download has no emails, no hand-in times, and no members of teams. They are in the grading worksheet "
    "(Submissions, Download grading worksheet): --people FILE"
)


def matches(root: Path) -> int:
    """Count the folders and files that are named as Moodle names them."""
    return sum(ENTRY.fullmatch(entry.name) is not None for entry in entries(root))


def read(source: Source) -> Contents:
    """Read an unpacked download."""
    left_out: list[LeftOut] = []
    files: dict[tuple[str, str], list[SubmittedFile]] = defaultdict(list)
    typed: dict[tuple[str, str], list[SubmittedFile]] = defaultdict(list)
    for entry in entries(source.root):
        parsed = ENTRY.fullmatch(entry.name)
        if parsed is None:
            left_out.append(LeftOut(entry.name, "isn't named as Moodle names folders and files"))
            continue
        who = (parsed["name"], parsed["number"] or "")
        if is_folder(entry):
            below, problems = files_below(entry, source.root)
            left_out += problems
        elif problem := problem_with(entry):
            left_out.append(LeftOut(entry.name, problem))
            below = []
        else:
            below = [SubmittedFile(PurePosixPath(parsed["original"] or entry.name), entry)]
        # Both are listed, so that a submission with nothing that can be taken still has a folder.
        (typed if parsed["kind"] == ONLINE_TEXT else files)[who] += below
        files[who] += []
    submitted = [
        Submitted(
            name,
            (f"moodle:{number}:{name}", f"moodle:{number}") if number else (),
            (Person("", name=name),),
            (_attempt(files[name, number], typed[name, number]),),
            prefix=feedback_prefix(name, number),
        )
        for name, number in sorted(files)
    ]
    return Contents(tuple(submitted), tuple(left_out), list_of_people=LIST)


def feedback_prefix(name: str, number: str) -> str:
    """Return how the name of a file begins in which Moodle finds feedback for a participant; empty without a number."""
    return f"{name.replace('_', ' ').replace('/', ' ')}_{number}_assignsubmission_file_" if number else ""


def _attempt(files: list[SubmittedFile], typed: list[SubmittedFile]) -> Attempt:
    if files or not typed:
        return Attempt("1", tuple(files))
    return Attempt("1", tuple(typed), only_text=True)
