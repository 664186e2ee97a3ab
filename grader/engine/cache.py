"""Results that last: a file for each submission, by the content of what was graded and of what graded it."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec

from grader.course import COURSE_FILE, Course
from grader.engine.intake import Submission
from grader.verdict import SubmissionResult

FOLDERS = ("exercises", "solutions", "tests/hidden", "tests/standins", "tests/visible")


class Cache:
    """A folder of results.

    A result is found again as long as neither the submission nor the course has changed, nor the grader. What a
    process that was killed leaves behind is either whole or not there.
    """

    def __init__(self, folder: Path, course: Course) -> None:
        self.folder = folder
        self._course = _course_key(course)

    def key(self, submission: Submission) -> str:
        """Return what a submission's result is found by."""
        parts = [self._course, submission.id, submission.digest, *submission.notes]
        for wanted in (submission.checks, submission.exercises):
            parts += ["all"] if wanted is None else ["of these", *sorted(wanted)]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:40]

    def get(self, submission: Submission) -> SubmissionResult | None:
        """Return the result of a submission; None where there is none that can be read."""
        try:
            return msgspec.json.decode(self._path(submission).read_bytes(), type=SubmissionResult)
        except (OSError, msgspec.DecodeError):
            return None

    def put(self, submission: Submission, result: SubmissionResult) -> None:
        """Keep a result, but for one that the grader itself spoilt."""
        if result.fault:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=self.folder, prefix="writing-", delete=False) as file:
            file.write(msgspec.json.encode(result))
        os.replace(file.name, self._path(submission))

    def _path(self, submission: Submission) -> Path:
        return self.folder / f"{self.key(submission)}.json"


def _course_key(course: Course) -> str:
    digest = hashlib.sha256()
    for path in _files(course):
        data = path.read_bytes()
        digest.update(f"\0{path.name}\0{len(data)}\0".encode() + data)
    return digest.hexdigest()


def _files(course: Course) -> Iterator[Path]:
    """List the files that a result depends on: the course's and the grader's."""
    yield course.root / COURSE_FILE
    for name in FOLDERS:
        yield from (path for path in sorted((course.root / name).rglob("*")) if path.suffix in (".py", ".json"))
    yield from sorted(Path(__file__).resolve().parents[1].rglob("*.py"))
