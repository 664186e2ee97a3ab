"""Many submissions: taken in, spread over the cores, judged, and their verdicts collected."""

from grader.grading.cache import Cache, grade_the_rest
from grader.grading.intake import BUNDLE, Submission, beside, find_submissions, take_in
from grader.grading.messages import GradingOptions
from grader.grading.notebook import Cell, NotANotebook, in_cells, module_of, read_notebook
from grader.grading.pool import GraderPool
from grader.grading.run import grade, graders

__all__ = [
    "BUNDLE",
    "Cache",
    "Cell",
    "GraderPool",
    "GradingOptions",
    "NotANotebook",
    "Submission",
    "beside",
    "find_submissions",
    "grade",
    "grade_the_rest",
    "graders",
    "in_cells",
    "module_of",
    "read_notebook",
    "take_in",
]
