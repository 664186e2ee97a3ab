"""Results kept for the next run: a file per submission, valid while submission, course and grader stay the same."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import msgspec

from grader.course import COURSE_FILE, Course, Exercise
from grader.course.claims import CLAIMS_FILE
from grader.files import digest, write_whole
from grader.grading.intake import Submission
from grader.grading.results import ExerciseResult, SubmissionResult
from grader.grading.verdict import assemble

KEPT = ".grader"
"""The folder, next to the reports, in which results are kept for the next run."""
FOLDERS = ("solutions", "tests/hidden", "tests/visible")
MISTAKES = "misconceptions"
"""The folder of `solutions` with the catalog; other YAML files there don't affect a grade."""
NOT_NEEDED = ("approaches", "styles")
"""Folders of `solutions` that don't affect a grade."""


class _Kept(msgspec.Struct, frozen=True):
    """The result of an exercise, and the key of the part of the course that it depends on."""

    course: str
    sandboxed: bool
    result: ExerciseResult


class Cache:
    """A folder of results.

    The result of an exercise is reused as long as everything it depends on is unchanged: the submission, the exercise's
    part of the course, and the grader. If a process is killed, each file is either complete or not there.

    Args:
        folder: the folder for the reports; the results are kept in a folder inside it.
        course: the course.
        sandboxed: whether to reuse only results that were graded in a sandbox.
    """

    def __init__(self, folder: Path, course: Course, sandboxed: bool = False) -> None:
        self.folder = folder / KEPT
        self._exercises = [exercise.id for exercise in course.exercises]
        self._needs = {name: course.all_needs(name) for name in self._exercises}
        self._keys = _keys(course)
        self._sandboxed = sandboxed

    def clear(self) -> None:
        """Forget everything."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def key(self, submission: Submission) -> str:
        """Return a digest of everything that a submission's result depends on."""
        asked = [self._keys[name] for name in self._exercises if self._is_asked_for(submission, name)]
        return digest(*asked, *_parts(submission))

    def get(self, submission: Submission) -> SubmissionResult | None:
        """Return the result of a submission; None if a part of it is not known."""
        known = self._known(submission)
        if not all(name in known for name in self._exercises):
            return None
        return self._assembled(submission, known)

    def left(self, submission: Submission) -> Submission:
        """Return a submission that asks only for the exercises whose result is not known.

        It also asks for the exercises that these need, because their results depend on them.
        """
        known = self._known(submission)
        unknown = {name for name in self._exercises if name not in known}
        unknown |= {need for name in unknown for need in self._needs[name]}
        asked = {name for name in unknown if self._is_asked_for(submission, name)}
        return replace(submission, exercises=frozenset(asked))

    def put(self, submission: Submission, result: SubmissionResult, graded: Submission) -> SubmissionResult:
        """Keep a result, unless the grader itself failed on it; return it combined with what was known before.

        Args:
            submission: the submission.
            result: its result.
            graded: the part of the submission that was graded now.
        """
        kept = self._known(submission)
        for name, exercise in result.exercises.items():
            if name not in kept or self._is_asked_for(graded, name):
                kept[name] = _Kept(self._keys[name], result.sandboxed, exercise)
        if not result.fault:
            self.folder.mkdir(parents=True, exist_ok=True)
            write_whole(self._path(submission), msgspec.json.encode(kept))
        return self._assembled(submission, kept, result.fault)

    def _assembled(self, submission: Submission, kept: dict[str, _Kept], fault: bool = False) -> SubmissionResult:
        exercises = {name: kept[name].result for name in self._exercises}
        sandboxed = all(part.sandboxed for part in kept.values())
        return assemble(submission.id, exercises, submission.notes, sandboxed, submission.digest, fault)

    def _known(self, submission: Submission) -> dict[str, _Kept]:
        try:
            kept = msgspec.json.decode(self._path(submission).read_bytes(), type=dict[str, _Kept])
        except (OSError, msgspec.DecodeError):
            return {}
        return {
            name: part
            for name, part in kept.items()
            if part.course == self._keys.get(name) and (part.sandboxed or not self._sandboxed)
        }

    def _is_asked_for(self, submission: Submission, exercise: str) -> bool:
        return submission.exercises is None or exercise in submission.exercises

    def _path(self, submission: Submission) -> Path:
        return self.folder / f"{digest(*_parts(submission))}.json"


class Grading(Protocol):
    """Something that grades: the grader processes of this machine, or a cluster."""

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
    """Grade everything that is not in the cache, and keep each result as it comes.

    Args:
        cache: the results of earlier runs.
        graders: the processes that grade.
        submissions: the submissions.
        done: called with each result once it is kept, and with whether it was known before.

    Returns:
        The results, in the order of the submissions.
    """
    graded_by_id: dict[str, SubmissionResult] = {}
    waiting: dict[str, tuple[Submission, Submission]] = {}
    for submission in submissions:
        known = cache.get(submission)
        if known is None:
            waiting[submission.id] = (submission, cache.left(submission))
        else:
            graded_by_id[submission.id] = known
            done(known, True)

    def keep(result: SubmissionResult) -> None:
        submission, graded = waiting[result.id]
        graded_by_id[result.id] = cache.put(submission, result, graded)
        done(graded_by_id[result.id], False)

    graders.grade([part for _, part in waiting.values()], keep)
    return [graded_by_id[submission.id] for submission in submissions]


def _parts(submission: Submission) -> Iterator[str]:
    """List everything about a submission that its result depends on."""
    yield from (submission.id, submission.digest, *submission.notes)
    for wanted in (submission.checks, submission.exercises):
        yield from ["all"] if wanted is None else ["of these", *sorted(wanted)]


def _keys(course: Course) -> dict[str, str]:
    """Return for each exercise a digest of everything its results depend on: its part of the course, and the grader.

    A file named after an exercise, with or without `test_` before the name, belongs to that exercise, and a file named
    after a draft to none; all other files belong to every exercise.
    """
    files = course_files(course)[1:]
    shared = _digest_of_files([path for path in files if _owner(path) not in (*course.by_id, *course.drafts)])
    by_exercise = {
        exercise.id: digest(
            _digest_of_files([path for path in files if _owner(path) == exercise.id]), _settings(exercise)
        )
        for exercise in course.exercises
    }
    rules = msgspec.to_builtins([course.limits, course.mistake_cap])
    everything = [grader_key(), shared, json.dumps(rules, sort_keys=True)]
    return {
        name: digest(*everything, *(by_exercise[part] for part in [*course.all_needs(name), name]))
        for name in by_exercise
    }


def course_files(course: Course) -> list[Path]:
    """List the files that grading needs, `course.yaml` first."""
    files = [path for folder in FOLDERS for path in sorted((course.root / folder).rglob("*"))]
    needed = [path for path in files if not any(path.is_relative_to(course.solutions / name) for name in NOT_NEEDED)]
    catalog, claims = course.solutions / MISTAKES, course.root / CLAIMS_FILE
    return [
        course.root / COURSE_FILE,
        *([claims] if claims.is_file() else []),
        *(
            path
            for path in needed
            if path.suffix in (".py", ".json") or (path.suffix == ".yaml" and path.is_relative_to(catalog))
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
    settings = [exercise.id, exercise.title, exercise.book, exercise.needs, exercise.limits, exercise.builtins]
    return json.dumps(msgspec.to_builtins([*settings, exercise.free, checks]), sort_keys=True)


def _digest_of_files(paths: Sequence[Path]) -> str:
    return digest(*(part for path in paths for part in (path.name, path.read_bytes())))
