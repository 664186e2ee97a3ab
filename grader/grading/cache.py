"""Results kept for the next run: a file per submission, valid while submission, course and grader stay the same."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import msgspec

from grader.course import Course, Exercise
from grader.course.claims import CLAIMS_FILE
from grader.files import digest, write_whole
from grader.grading.handed_in import KEPT
from grader.grading.intake import Submission
from grader.grading.results import ExerciseResult, SubmissionResult
from grader.grading.verdict import assemble, rescored
from grader.versions import python_version, torch_version
from grader.writing import writing

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
    part of the course, and the grader. It is scored by the course as it is now, so that new points, titles and rules
    for scores change it without running anything. If a process is killed, each file is either complete or not there.

    Args:
        folder: the folder for the reports; the results are kept in a folder inside it.
        course: the course, or a part of it; only what is in the part is looked up.
        sandboxed: whether to reuse only results that were graded in a sandbox.
    """

    def __init__(self, folder: Path, course: Course, sandboxed: bool = False) -> None:
        self.folder = folder / KEPT
        self._course = course
        self._exercises = [exercise.id for exercise in course.exercises]
        self._needs = {name: course.whole.all_needs(name) for name in self._exercises}
        self._keys = _keys(course.whole)
        self._sandboxed = sandboxed

    def clear(self) -> None:
        """Forget everything."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def key(self, submission: Submission) -> str:
        """Return a digest of everything that a submission's result depends on."""
        asked = [f"{name} {self._keys[name]}" for name in self._asked(submission)]
        rules = [self._rules(name) for name in self._asked(submission)]
        return digest(*asked, *rules, *_parts(submission))

    def get(self, submission: Submission) -> SubmissionResult | None:
        """Return the result of a submission; None if a part of it is not known."""
        known = self._known(submission)
        if not all(name in known for name in self._asked(submission)):
            return None
        return self._assembled(submission, known)

    def left(self, submission: Submission) -> Submission:
        """Return a submission that asks only for the exercises whose result is not known.

        It also asks for the exercises that these need, because their results depend on them.
        """
        known = self._known(submission)
        asked = self._asked(submission)
        unknown = {name for name in asked if name not in known}
        unknown |= {need for name in unknown for need in self._needs[name]}
        return replace(submission, exercises=frozenset(unknown.intersection(asked)))

    def put(self, submission: Submission, result: SubmissionResult, graded: Submission) -> SubmissionResult:
        """Keep a result, unless the grader itself failed on it; return it combined with what was known before.

        Args:
            submission: the submission.
            result: its result.
            graded: the part of the submission that was graded now.

        Raises:
            NotWritten: it cannot be written; the disk is full, for example.
        """
        kept = self._known(submission)
        for name in self._asked(submission):
            if name not in kept or graded.exercises is None or name in graded.exercises:
                kept[name] = _Kept(self._keys[name], result.sandboxed, result.exercises[name])
        if not result.fault:
            with writing(self.folder):
                self.folder.mkdir(parents=True, exist_ok=True)
                write_whole(self._path(submission), msgspec.json.encode(kept))
        return self._assembled(submission, kept, result.fault)

    def _assembled(self, submission: Submission, kept: dict[str, _Kept], fault: bool = False) -> SubmissionResult:
        by_id = self._course.by_id
        exercises = {name: rescored(self._course, by_id[name], kept[name].result) for name in self._asked(submission)}
        sandboxed = all(kept[name].sandboxed for name in exercises)
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

    def _asked(self, submission: Submission) -> list[str]:
        return [name for name in self._exercises if submission.exercises is None or name in submission.exercises]

    def _rules(self, name: str) -> str:
        """Return what the scores and titles of an exercise depend on, in addition to its key."""
        exercise = self._course.by_id[name]
        checks = [(check.id, check.title, check.points) for check in exercise.checks]
        rules = [exercise.title, exercise.builtins, self._course.mistake_cap, dict(exercise.mistake_caps), checks]
        return json.dumps(msgspec.to_builtins(rules), sort_keys=True)

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
    """List everything about a submission that the results of its exercises depend on."""
    yield from (submission.id, submission.digest, *submission.notes)
    yield from ["all"] if submission.checks is None else ["of these", *sorted(submission.checks)]


def _keys(course: Course) -> dict[str, str]:
    """Return for each exercise a digest of everything its results depend on: its part of the course, and the grader.

    A file named after an exercise, with or without `test_` before the name, belongs to that exercise, and a file named
    after a draft to none; all other files belong to every exercise.
    """
    # Claims only divide points.
    files = [path for path in course_files(course)[1:] if path != course.root / CLAIMS_FILE]
    # Another course file in the same folder may leave exercises out; their files still belong to nobody else.
    owners = {_owner(path) for path in files if path.name.startswith("test_")} | {*course.by_id, *course.drafts}
    shared = _digest_of_files([path for path in files if _owner(path) not in owners])
    by_exercise = {
        exercise.id: digest(
            _digest_of_files([path for path in files if _owner(path) == exercise.id]), _settings(exercise)
        )
        for exercise in course.exercises
    }
    limits = json.dumps(msgspec.to_builtins(course.limits), sort_keys=True)
    everything = [grader_key(), shared, limits]
    return {
        name: digest(*everything, *(by_exercise[part] for part in [*course.all_needs(name), name]))
        for name in by_exercise
    }


def course_files(course: Course) -> list[Path]:
    """List the files that grading needs, the one that describes the course first."""
    files = [path for folder in FOLDERS for path in sorted((course.root / folder).rglob("*"))]
    needed = [path for path in files if not any(path.is_relative_to(course.solutions / name) for name in NOT_NEEDED)]
    catalog, claims = course.solutions / MISTAKES, course.root / CLAIMS_FILE
    return [
        course.file,
        *([claims] if claims.is_file() else []),
        *(
            path
            for path in needed
            if path.suffix in (".py", ".json") or (path.suffix == ".yaml" and path.is_relative_to(catalog))
        ),
    ]


def grader_key() -> str:
    """Return a digest of the grader's own code, and of the versions of Python and torch that it runs with."""
    code = _digest_of_files(sorted(Path(__file__).resolve().parents[1].rglob("*.py")))
    python = ".".join(python_version().split(".")[:2])
    return digest(code, python, torch_version())


def _owner(path: Path) -> str:
    # A family of mistakes belongs to all exercises, whatever its name.
    return "" if path.parent.name == "families" else path.stem.removeprefix("test_")


def _settings(exercise: Exercise) -> str:
    checks = [(check.id, check.visibility, check.hint) for check in exercise.checks]
    settings = [exercise.id, exercise.book, exercise.needs, exercise.limits, sorted(exercise.builtins.names)]
    return json.dumps(msgspec.to_builtins([*settings, exercise.free, checks]), sort_keys=True)


def _digest_of_files(paths: Sequence[Path]) -> str:
    return digest(*(part for path in paths for part in (path.name, path.read_bytes())))
