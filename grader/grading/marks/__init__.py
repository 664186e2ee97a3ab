"""The instructor's marks: comments, manual scores, a rubric and answers to questions, from one or more YAML files.

Each section of such a file has its own module here; `files` reads the files and combines them.
"""

from grader.grading.marks.entries import ByHand
from grader.grading.marks.files import NO_MARKS, Marks, read_marks
from grader.grading.marks.scores import Override

__all__ = ["NO_MARKS", "ByHand", "Marks", "Override", "read_marks"]
