"""Results that last: a file for each submission, by the content of what was graded and of what graded it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import msgspec

from grader.course import COURSE_FILE, Course, Exercise
from grader.files import digest, write_whole
from grader.grading.intake import Submission
from grader.grading.results import ExerciseResult, SubmissionResult
from grader.grading.verdict import assemble

KEPT = ".grader"
"""The folder beside the results in which they are kept for the next run."""
FOLDERS = ("solutions", "tests/hidden", "tests/visible")
MISTAKES = "misconceptions"
"""The folder of `solutions` with the catalogue; of other YAML files there no grade follows."""
NOT_NEEDED = ("approaches", "styles")
"""Folders of `solutions` that have no say in a grade."""


class _Kept(msgspec.Struct, frozen=True):
    """The result of an exercise, and the key of the part of the course that it follows from."""

    course: str
    sandboxed: bool
    result: ExerciseResult


class Cache:
    """A folder of results.

    The result of an exercise is found again as long as nothing has changed that it follows from: the submission, the
    exercise's part of the course, the grader. What a process that was killed leaves behind is whole, or not there.

    Args:
        folder: beside which the results are kept.
        course: the course.
        walled: whether only what was graded in a sandbox counts.
    """

    def __init__(self, folder: Path, course: Course, sandboxed: bool = False) -> None:
        self.folder = folder / KEPT
        self._exercises = [exercise.id for exercise in course.exercises]
        self._needs = {name: course.all_needs(name) for name in self._exercises}
        self._keys = _keys(course)
        self._walled = sandboxed

    def clear(self) -> None:
        """Forget everything."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def key(self, submission: Submission) -> str:
        """Return what a submission's result follows from, as a digest."""
        asked = [self._keys[name] for name in self._exercises if self._is_asked_for(submission, name)]
        return digest(*asked, *_parts(submission))

    def get(self, submission: Submission) -> SubmissionResult | None:
        """Return the result of a submission; None where a part of it is not known."""
        known = self._known(submission)
        if not all(name in known for name in self._exercises):
            return None
        return self._put_together(submission, known)

    def left(self, submission: Submission) -> Submission:
        """Return a submission that asks only for those exercises of which the result is not known.

        With an exercise those that it needs are asked for too: its result says how they stand.
        """
        known = self._known(submission)
        unknown = {name for name in self._exercises if name not in known}
        unknown |= {need for name in unknown for need in self._needs[name]}
        asked = {name for name in unknown if self._is_asked_for(submission, name)}
        return replace(submission, exercises=frozenset(asked))

    def put(self, submission: Submission, result: SubmissionResult, graded: Submission) -> SubmissionResult:
        """Keep a result, but for one that the grader itself spoilt, and return it with what was known before.

        Args:
            submission: what was handed in.
            result: what came of it.
            graded: the part of it that was graded now.
        """
        kept = self._known(submission)
        for name, one in result.exercises.items():
            if name not in kept or self._is_asked_for(graded, name):
                kept[name] = _Kept(self._keys[name], result.sandboxed, one)
        if not result.fault:
            self.folder.mkdir(parents=True, exist_ok=True)
            write_whole(self._path(submission), msgspec.json.encode(kept))
        return self._put_together(submission, kept, result.fault)

    def _put_together(self, submission: Submission, kept: dict[str, _Kept], fault: bool = False) -> SubmissionResult:
        exercises = {name: kept[name].result for name in self._exercises}
        sandboxed = all(one.sandboxed for one in kept.values())
        return assemble(submission.id, exercises, submission.notes, sandboxed, submission.digest, fault)

    def _known(self, submission: Submission) -> dict[str, _Kept]:
        try:
            found = msgspec.json.decode(self._path(submission).read_bytes(), type=dict[str, _Kept])
        except (OSError, msgspec.DecodeError):
            return {}
        return {
            name: one
            for name, one in found.items()
            if one.course == self._keys.get(name) and (one.sandboxed or not self._walled)
        }

    def _is_asked_for(self, submission: Submission, exercise: str) -> bool:
        return submission.exercises is None or exercise in submission.exercises

    def _path(self, submission: Submission) -> Path:
        return self.folder / f"{digest(*_parts(submission))}.json"


class Grading(Protocol):
    """What grades: the judges of this machine, or a cluster."""

    def grade(
        self, submissions: Sequence[Submission], done: Callable[[SubmissionResult], None]
    ) -> list[SubmissionResult]:
        """Grade submissions, and call `done` with each result as it comes."""


def grade_the_rest(
    cache: Cache,
    graders: Grading,
    submissions: Sequence[Submission],
    done: Callable[[SubmissionResult, bool], None] = lambda result, known: None,
) -> list[SubmissionResult]:
    """Grade what the cache does not know, and keep each result as it comes.

    Args:
        cache: what was graded before.
        graders: who grade.
        submissions: the submissions.
        done: called with each result, after it was kept, and with whether it had been known.

    Returns:
        The results, in the order of the submissions.
    """
    found: dict[str, SubmissionResult] = {}
    waiting: dict[str, tuple[Submission, Submission]] = {}
    for submission in submissions:
        known = cache.get(submission)
        if known is None:
            waiting[submission.id] = (submission, cache.left(submission))
        else:
            found[submission.id] = known
            done(known, True)

    def keep(result: SubmissionResult) -> None:
        submission, graded = waiting[result.id]
        found[result.id] = cache.put(submission, result, graded)
        done(found[result.id], False)

    graders.grade([part for _, part in waiting.values()], keep)
    return [found[submission.id] for submission in submissions]


def _parts(submission: Submission) -> Iterator[str]:
    """List what of a submission its result follows from."""
    yield from (submission.id, submission.digest, *submission.notes)
    for wanted in (submission.checks, submission.exercises):
        yield from ["all"] if wanted is None else ["of these", *sorted(wanted)]


def _keys(course: Course) -> dict[str, str]:
    """Return for each exercise a digest of what its results follow from: its part of the course, and the grader.

    A file belongs to the exercise whose name it has, with or without `test_` before it, and those of a draft to none of
    these; other files belong to all of them.
    """
    files = course_files(course)[1:]
    shared = _digest_of_files([path for path in files if _owner(path) not in (*course.by_id, *course.drafts)])
    own = {
        exercise.id: digest(
            _digest_of_files([path for path in files if _owner(path) == exercise.id]), _settings(exercise)
        )
        for exercise in course.exercises
    }
    everything = [grader_key(), shared, json.dumps(msgspec.to_builtins(course.limits), sort_keys=True)]
    return {name: digest(*everything, *(own[one] for one in [*course.all_needs(name), name])) for name in own}


def course_files(course: Course) -> list[Path]:
    """List the files that grading needs, `course.yaml` first."""
    files = [path for folder in FOLDERS for path in sorted((course.root / folder).rglob("*"))]
    needed = [path for path in files if not any(path.is_relative_to(course.solutions / name) for name in NOT_NEEDED)]
    catalogue = course.solutions / MISTAKES
    return [
        course.root / COURSE_FILE,
        *(
            path
            for path in needed
            if path.suffix in (".py", ".json") or (path.suffix == ".yaml" and path.is_relative_to(catalogue))
        ),
    ]


def grader_key() -> str:
    """Return a digest of the grader's own code."""
    return _digest_of_files(sorted(Path(__file__).resolve().parents[1].rglob("*.py")))


def _owner(path: Path) -> str:
    # A family of mistakes belongs to all exercises, whatever its name.
    return "" if path.parent.name == "families" else path.stem.removeprefix("test_")


def _settings(exercise: Exercise) -> str:
    checks = [(check.id, check.visibility, check.title, check.hint, check.points) for check in exercise.checks]
    settings = [exercise.id, exercise.title, exercise.book, exercise.needs, exercise.limits, exercise.builtins, checks]
    return json.dumps(msgspec.to_builtins(settings), sort_keys=True)


def _digest_of_files(paths: Sequence[Path]) -> str:
    return digest(*(part for path in paths for part in (path.name, path.read_bytes())))
