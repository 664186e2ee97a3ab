"""One submission that always gets a result, whatever was handed in: a folder, or a single file."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from grader.course import Course
from grader.errors import GraderError, NoSubmissions
from grader.grading.intake import Submission, take_in
from grader.grading.results import Results, results
from grader.grading.submissions import not_graded
from grader.text import printable
from grader.writing import writing

FAILED = "The grader failed before it could run the checks. That is not the student's fault. The reason:"


def take_in_single(path: Path, course: Course) -> Submission:
    """Read what is at a path as one submission, even if nothing in it can be recognized.

    Args:
        path: a folder, or a file that was handed in without one.
        course: the course.

    Raises:
        NoSubmissions: there is nothing at the path.
        NotWritten: there is no space for a copy of the file.
    """
    if path.is_dir():
        return take_in(path, course)
    if not path.is_file() and not path.is_symlink():
        raise NoSubmissions(f"{path} doesn't exist. Name the folder or the file of one submission: --one PATH")
    with tempfile.TemporaryDirectory(prefix="single-") as folder:
        with writing(Path(folder)):
            # A link is copied as a link, which is not followed.
            shutil.copyfile(path, Path(folder) / path.name, follow_symlinks=False)
        return take_in(Path(folder), course, printable(path.stem))


def result_without_grade(submission: Submission, course: Course, error: GraderError) -> Results:
    """Return results that say why the grader could not grade a submission.

    Args:
        submission: the submission.
        course: the course, or a part of it.
        error: the reason.
    """
    return results(course, [not_graded(course, submission, f"{FAILED} {error}")], submission.notices)
