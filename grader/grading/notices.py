"""What the instructor should look at: what was handed in and not graded, or graded as something else.

There is one list of notices for a whole run. `grader grade` and `grader nbgrader autograde` print it, and it is in
`results.json`, `class.html` and `grades.csv`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

from grader.text import listed

NoticeKind = Literal["not_graded", "question", "remark"]
HEADLINE = "Look at these:"
HEADLINES: dict[NoticeKind, str] = {
    "not_graded": "Not graded",
    "question": "Open questions",
    "remark": "Remarks",
}
"""How the parts of the list are called, in their order."""
FAULT = "The grader itself failed on part of it. To grade again, run the same command."
MAX_NAMED = 8
"""How many submissions with the same notice are named; the others are counted."""


class Notice(msgspec.Struct, frozen=True):
    """Something the instructor should look at.

    `text` is a sentence that names the file and ends with what to do. `submission` is the id of the submission that it
    is about; empty if it is about none. `kind` is `not_graded` if something that may be a student's work got no grade,
    `question` if a student's question has no answer yet, and `remark` otherwise.
    """

    text: str
    submission: str = ""
    kind: NoticeKind = "remark"


def in_order(notices: Iterable[Notice]) -> list[Notice]:
    """Put notices in the order in which they are shown, each once: first what wasn't graded."""
    kinds = list(HEADLINES)
    return sorted(dict.fromkeys(notices), key=lambda notice: (kinds.index(notice.kind), bool(notice.submission)))


def grouped(notices: Iterable[Notice]) -> list[tuple[NoticeKind, str, list[str]]]:
    """Combine the notices that say the same of several submissions: kind, text, and the ids of the submissions."""
    groups: dict[tuple[NoticeKind, str], list[str]] = {}
    for notice in in_order(notices):
        ids = groups.setdefault((notice.kind, notice.text), [])
        ids += [notice.submission] if notice.submission else []
    return [(kind, text, ids) for (kind, text), ids in groups.items()]


def as_lines(notices: Sequence[Notice]) -> list[str]:
    """Write notices as lines for a terminal; none if there is nothing to look at."""
    lines: list[str] = [HEADLINE] if notices else []
    last: NoticeKind | None = None
    for kind, text, ids in grouped(notices):
        if kind != last:
            lines.append(f"  {HEADLINES[kind]}:")
            last = kind
        lines.append(f"    {listed(ids, MAX_NAMED)}: {text}" if ids else f"    {text}")
    return lines


def nothing_lost(notices: Iterable[Notice]) -> bool:
    """Say whether everything that may be a student's work was graded; otherwise a command ends with status 1."""
    return all(notice.kind != "not_graded" for notice in notices)
