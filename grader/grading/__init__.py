"""Grading many submissions: reading them in, spreading them over the cores, and collecting the results."""

from grader.grading.answers import BUNDLE
from grader.grading.cache import Cache, grade_the_rest
from grader.grading.choice import NotebookFile, choose
from grader.grading.intake import Submission, take_in
from grader.grading.messages import GradingOptions
from grader.grading.notebook import NotANotebook, in_cells, module_of, read_notebook
from grader.grading.pool import GraderPool
from grader.grading.run import grade, graders
from grader.grading.statements import Cell
from grader.grading.survey import find_submissions, siblings

__all__ = [
    "BUNDLE",
    "Cache",
    "Cell",
    "GraderPool",
    "GradingOptions",
    "NotANotebook",
    "NotebookFile",
    "Submission",
    "choose",
    "find_submissions",
    "grade",
    "grade_the_rest",
    "graders",
    "in_cells",
    "module_of",
    "read_notebook",
    "siblings",
    "take_in",
]
