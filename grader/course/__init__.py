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
    Track,
    Visibility,
    added,
)
from grader.course.part import by_default, incomplete, narrowed, of_tracks, part_of, split
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
    "Track",
    "Visibility",
    "added",
    "by_default",
    "find_course",
    "incomplete",
    "load_course",
    "narrowed",
    "of_tracks",
    "part_of",
    "split",
]
