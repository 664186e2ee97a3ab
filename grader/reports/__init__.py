"""Reports: pages for students and instructors, and files for gradebooks and other systems."""

from grader.reports.likeness import Alike, Group, Likeness, compare
from grader.reports.roster import Person, Roster, read_roster
from grader.reports.write import ReportOptions, Written, course_of, write_all

__all__ = [
    "Alike",
    "Group",
    "Likeness",
    "Person",
    "ReportOptions",
    "Roster",
    "Written",
    "compare",
    "course_of",
    "read_roster",
    "write_all",
]
