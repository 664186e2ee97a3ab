"""Whose grade is withheld: a submission that the grader itself failed on has no score, and above all not 0."""

from __future__ import annotations

from pathlib import Path

import msgspec

from grader.files import write_whole
from grader.grading.cache import KEPT

WITHHELD = "withheld.json"


def withheld(root: Path) -> dict[str, list[str]]:
    """Return the students whose grade is withheld, for each assignment of an nbgrader course."""
    try:
        return msgspec.json.decode((root / KEPT / WITHHELD).read_bytes(), type=dict[str, list[str]])
    except (OSError, msgspec.DecodeError):
        return {}


def withhold(root: Path, assignment: str, students: set[str], graded: set[str]) -> None:
    """Note whose grade is withheld, and that the grades of others aren't any more."""
    noted = withheld(root)
    noted[assignment] = sorted((set(noted.get(assignment, [])) - graded) | students)
    (root / KEPT).mkdir(parents=True, exist_ok=True)
    write_whole(root / KEPT / WITHHELD, msgspec.json.encode(noted))
