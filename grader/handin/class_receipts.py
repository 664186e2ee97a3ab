"""The receipts of a class: a table, and sentences for the instructor."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from grader.course import Course
from grader.handin.receipts import RECEIPTS_FILE, Receipt, receipts_of_submission, row_of, table_of_receipts
from grader.handin.version import version_of
from grader.text import listed, printable
from grader.writing import write_report

MAX_NAMED = 8
FILES_COUNT = "Grading takes the files that are there; ask the student for the archive."
Receipts = Mapping[str, Sequence[Receipt]]
"""The receipts of each submission, by its id."""


def receipts_of_class(course: Course, submissions: Mapping[str, Path], out: Path) -> list[str]:
    """Confirm the receipts of graded submissions, and write their table next to the reports if there are any.

    Nothing here changes a score.

    Args:
        course: the course.
        submissions: the folder or archive of each submission, by its id.
        out: the folder of the reports.

    Returns:
        Sentences for the instructor.

    Raises:
        NotWritten: the table cannot be written.
    """
    version = version_of(course)
    receipts = {name: receipts_of_submission(path, version) for name, path in submissions.items()}
    table = out / RECEIPTS_FILE
    if any(receipts.values()) or table.exists():
        rows = [row_of(name, receipt) for name, several in receipts.items() for receipt in several]
        write_report(table, table_of_receipts(rows))
    return list(about_receipts(receipts))


def about_receipts(receipts: Receipts) -> Iterator[str]:
    """Yield sentences about the receipts of a class: how many match, which don't, and which are of another version."""
    having = {name: several for name, several in receipts.items() if several}
    if not having:
        return
    every = [receipt for several in having.values() for receipt in several]
    matching = sum(receipt.status == "matches" for receipt in every)
    yield (
        f"Receipts: {len(having)} of {len(receipts)} submissions have one, and {matching} of {len(every)} match their "
        f"files: {RECEIPTS_FILE}."
    )
    yield from problems(having)


def problems(receipts: Receipts) -> Iterator[str]:
    """Yield sentences about receipts that don't match their files, or are of another version of the course."""
    bad = [
        f"{name}: {printable(receipt.archive, 80) or 'loose files'}: {' '.join(receipt.differences)}"
        for name, several in receipts.items()
        for receipt in several
        if receipt.differences
    ]
    for sentence in bad[:MAX_NAMED]:
        yield f"A receipt doesn't match. {sentence} {FILES_COUNT}"
    if len(bad) > MAX_NAMED:
        yield f"{len(bad) - MAX_NAMED} more receipts don't match: {RECEIPTS_FILE}."
    others: dict[str, list[str]] = {}
    for name, several in receipts.items():
        for remark in dict.fromkeys(remark for receipt in several for remark in receipt.remarks):
            others.setdefault(remark, []).append(name)
    for remark, names in others.items():
        yield f"The archive of {listed(names, MAX_NAMED)}: {remark}"
