"""Many submissions: taken in, spread over the cores, judged, and their verdicts collected."""

from grader.engine.cache import Cache, grade_the_rest
from grader.engine.grade import Judges, grade, judges
from grader.engine.intake import BUNDLE, Submission, beside, find_submissions, take_in
from grader.engine.manner import Manner
from grader.engine.notebook import Cell, NotANotebook, for_a_notebook, in_cells, in_red, module_of, read_notebook

__all__ = [
    "BUNDLE",
    "Cache",
    "Cell",
    "Judges",
    "Manner",
    "NotANotebook",
    "Submission",
    "beside",
    "find_submissions",
    "for_a_notebook",
    "grade",
    "grade_the_rest",
    "in_cells",
    "in_red",
    "judges",
    "module_of",
    "read_notebook",
    "take_in",
]
