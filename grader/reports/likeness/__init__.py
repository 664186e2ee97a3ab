"""Submissions that are nearly the same: a hint for a person to follow up, not a proof of anything."""

from grader.reports.likeness.comparison import compare
from grader.reports.likeness.groups import Alike, Group, Likeness

__all__ = ["Alike", "Group", "Likeness", "compare"]
