"""Many submissions: taken in, spread over the cores, judged, and their verdicts collected."""

from grader.engine.grade import grade
from grader.engine.intake import Submission, find_submissions, take_in

__all__ = ["Submission", "find_submissions", "grade", "take_in"]
