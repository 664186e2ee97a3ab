"""What grader pool and cluster share: unique ids, and the result of a submission that the grader failed on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from grader.course import Course
from grader.errors import SameName
from grader.grading.intake import Submission
from grader.grading.results import SubmissionResult
from grader.grading.verdict import verdict


def refuse_same_names(submissions: Sequence[Submission]) -> None:
    """Check that no two submissions have the same id.

    Raises:
        SameName: two have the same id.
    """
    counts = Counter(submission.id for submission in submissions)
    twice = sorted(name for name, count in counts.items() if count > 1)
    if twice:
        raise SameName(f"There is more than one submission called {twice[0]}. Rename one.")


def not_graded(course: Course, submission: Submission, note: str) -> SubmissionResult:
    """Return the result of a submission on which the grader failed."""
    return verdict(course, submission.id, {}, [*submission.notes, note], digest=submission.digest)
