"""Whose grade is withheld: what couldn't be graded or saved has no score, and above all not 0.

A file marks each of them, so that several processes can set and remove marks at the same time.
"""

from __future__ import annotations

from pathlib import Path

from grader.grading.handed_in import KEPT

WITHHELD = "withheld"


def withhold(root: Path, assignment: str, student: str) -> None:
    """Withhold a student's grade for an assignment of an nbgrader course, until `release`."""
    mark = _mark(root, assignment, student)
    mark.parent.mkdir(parents=True, exist_ok=True)
    mark.touch()


def release(root: Path, assignment: str, student: str) -> None:
    """Withhold it no longer: it has been graded and saved."""
    _mark(root, assignment, student).unlink(missing_ok=True)


def is_withheld(root: Path, assignment: str, student: str) -> bool:
    """Say whether a student's grade for an assignment is withheld."""
    return _mark(root, assignment, student).exists()


def _mark(root: Path, assignment: str, student: str) -> Path:
    return root / KEPT / WITHHELD / assignment / student
