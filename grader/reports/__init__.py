"""Reports: pages for students and instructors, and files for gradebooks and other systems."""

from grader.reports.likeness import Alike, Likeness, compare
from grader.reports.roster import Person, Roster, read_roster
from grader.reports.write import ReportOptions, Written, write_all

__all__ = [
    "Alike",
    "Likeness",
    "Person",
    "ReportOptions",
    "Roster",
    "Written",
    "compare",
    "read_roster",
    "write_all",
]
