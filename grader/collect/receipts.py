"""Writes the table of receipts of a download; rows of other downloads stay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from grader.files import write_whole
from grader.handin.receipts import COLUMNS, RECEIPTS_FILE, Receipt, row_of, table_of_receipts
from grader.tables import NotATable, composed, read_table


def write_receipts(out: Path, receipts: Mapping[str, Sequence[Receipt]]) -> bool:
    """Write the table of receipts, if there are any; say whether there is a table now.

    Args:
        out: the folder for everything that is collected.
        receipts: the receipts of each submission of the download, by its folder.

    Raises:
        OSError: it cannot be written.
    """
    path = out / RECEIPTS_FILE
    rows = [row_of(name, receipt) for name, several in receipts.items() for receipt in several]
    replaced = {tuple(map(composed, row[:2])) for row in rows} | {(composed(row[0]), row[2]) for row in rows}
    kept = []
    for row in _existing(path):
        submission, archive, assignment = composed(row[0]), composed(row[1]), row[2]
        if not {(submission, archive), (submission, assignment)} & replaced:
            kept.append(row)
    if not rows and not kept:
        return False
    content = table_of_receipts([*kept, *rows])
    if not path.exists() or path.read_bytes() != content:
        write_whole(path, content)
    return True


def _existing(path: Path) -> list[list[str]]:
    """Read the table of an earlier run; a table that can't be read is written again."""
    try:
        return [[row[name] for name in COLUMNS] for row in read_table(path).rows]
    except NotATable:
        return []
