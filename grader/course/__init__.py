"""The course: its exercises, their checks and mistakes, and `course.yaml`, the one file that an instructor edits."""

from grader.course.model import (
    COURSE_FILE,
    VISIBILITIES,
    Assignment,
    BuiltinsPolicy,
    Capstone,
    Check,
    Course,
    Exercise,
    FeedbackLevel,
    HiddenFeedback,
    Limits,
    Minimum,
    Status,
    Visibility,
    added,
)
from grader.course.part import incomplete, narrowed, part_of
from grader.course.reading import find_course, load_course

__all__ = [
    "COURSE_FILE",
    "VISIBILITIES",
    "Assignment",
    "BuiltinsPolicy",
    "Capstone",
    "Check",
    "Course",
    "Exercise",
    "FeedbackLevel",
    "HiddenFeedback",
    "Limits",
    "Minimum",
    "Status",
    "Visibility",
    "added",
    "find_course",
    "incomplete",
    "load_course",
    "narrowed",
    "part_of",
]
