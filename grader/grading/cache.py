"""Results kept for the next run: a file per exercise and content, valid while course and grader stay the same."""

from __future__ import annotations

import json
import shutil
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import msgspec

from grader.course import Course, Exercise
from grader.course.claims import CLAIMS_FILE
from grader.files import digest, write_whole
from grader.grading.by_content import contents
from grader.grading.handed_in import KEPT
from grader.grading.intake import Submission
from grader.grading.results import ExerciseResult, SubmissionResult
from grader.grading.submissions import refuse_same_names
from grader.grading.verdict import assemble, rescored
from grader.versions import python_version, torch_version
from grader.writing import writing

FOLDERS = ("solutions", "tests/hidden", "tests/visible")
MISTAKES = "misconceptions"
"""The folder of `solutions` with the catalog; other YAML files there don't affect a grade."""
ABSENT = "absent"
"""The id under which exercises that somebody hasn't handed in are graded; a digest is longer."""
NOT_NEEDED = ("approaches", "styles")
"""Folders of `solutions` that don't affect a grade."""


class KeptResult(msgspec.Struct, frozen=True):
    """The result of an exercise, and the key of the part of the course that it depends on.

    Attributes:
        course: the key.
        sandboxed: whether it was graded in a sandbox.
        result: the result, with the scores of the course as it was then.
    """

    course: str
    sandboxed: bool
    result: ExerciseResult


class Cache:
    """What the exercises of submissions got, by their content; kept in a folder, if there is one.

    The result of an exercise is reused as long as everything it depends on is unchanged: its module and those that it
    can reach (`grader.grading.by_content`), the exercise's part of the course, and the grader. Who handed it in doesn't
    matter. It is scored by the course as it is now, so that new points, titles and rules for scores change it without
    running anything. If a process is killed, each file is either complete or not there.

    Args:
        folder: the folder for the reports; the results are kept in a folder inside it. None keeps nothing.
        course: the course, or a part of it; only what is in the part is looked up.
        sandboxed: whether to reuse only results that were graded in a sandbox.
        keys: what `keys_of` returned when grading began, if that was before now.
    """

    def __init__(
        self, folder: Path | None, course: Course, sandboxed: bool = False, keys: Mapping[str, str] | None = None
    ) -> None:
        self.folder = None if folder is None else folder / KEPT
        self.course = course
        self._keys = keys_of(course) if keys is None else keys
        self._sandboxed = sandboxed

    def clear(self) -> None:
        """Forget everything."""
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)

    def key(self, submission: Submission) -> str:
        """Return a digest of everything that a submission's result depends on."""
        parts = contents(self.course, submission)
        asked = [f"{name} {self._keys[name]} {part.id}" for name, part in parts.items()]
        return digest(*asked, *(self._rules(name) for name in parts), submission.id, *submission.notes)

    def get(self, exercise: str, content: str) -> KeptResult | None:
        """Return the result of an exercise's content; None if it is not known."""
        if self.folder is None:
            return None
        try:
            kept = msgspec.json.decode(self._path(content).read_bytes(), type=KeptResult)
        except (OSError, msgspec.DecodeError):
            return None
        valid = kept.course == self._keys[exercise] and (kept.sandboxed or not self._sandboxed)
        return kept if valid else None

    def put(self, exercise: str, content: str, result: ExerciseResult, sandboxed: bool) -> None:
        """Keep the result of an exercise's content.

        Raises:
            NotWritten: it cannot be written; the disk is full, for example.
        """
        if self.folder is None:
            return
        with writing(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            kept = KeptResult(self._keys[exercise], sandboxed, result)
            write_whole(self._path(content), msgspec.json.encode(kept))

    def _rules(self, name: str) -> str:
        """Return what the scores and titles of an exercise depend on, in addition to its key."""
        exercise = self.course.by_id[name]
        checks = [(check.id, check.title, check.points) for check in exercise.checks]
        rules = [exercise.title, exercise.builtins, self.course.mistake_cap, dict(exercise.mistake_caps), checks]
        return json.dumps(msgspec.to_builtins(rules), sort_keys=True)

    def _path(self, content: str) -> Path:
        assert self.folder is not None
        return self.folder / f"{content}.json"


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
    share: bool = True,
) -> list[SubmissionResult]:
    """Grade everything that is not in the cache, and keep each result as it comes.

    Args:
        cache: the results of earlier runs.
        graders: the processes that grade.
        submissions: the submissions.
        done: called with each submission's result once all of it is kept, and with whether it was known before.
        share: whether submissions with the same content share its result.

    Returns:
        The results, in the order of the submissions.

    Raises:
        NotWritten: a result cannot be kept.
        SameName: two submissions have the same id.
    """
    refuse_same_names(submissions)
    results: dict[str, SubmissionResult] = {}
    waiting: dict[str, list[_Unfinished]] = defaultdict(list)
    to_grade: dict[str, tuple[str, Submission]] = {}
    for submission in submissions:
        unfinished = _Unfinished(cache, submission, share)
        if not unfinished.missing:
            results[submission.id] = unfinished.result()
            done(results[submission.id], True)
        for exercise, content in unfinished.missing.items():
            waiting[content.id].append(unfinished)
            to_grade[content.id] = (exercise, content)

    def keep(graded: SubmissionResult) -> None:
        for exercise, content in absent if graded.id == ABSENT else [to_grade[graded.id]]:
            if not graded.fault:
                cache.put(exercise, content.id, graded.exercises[exercise], graded.sandboxed)
            for unfinished in waiting.pop(content.id):
                unfinished.add(exercise, graded)
                if not unfinished.missing:
                    result = unfinished.result()
                    results[result.id] = result
                    done(result, False)

    absent = [pair for pair in to_grade.values() if _is_absent(pair[1])]
    written = [content for _, content in to_grade.values() if not _is_absent(content)]
    if absent:
        # Together they are as quick as one.
        written.insert(0, replace(absent[0][1], id=ABSENT, exercises=frozenset(exercise for exercise, _ in absent)))
    graders.grade(written, keep)
    return [results[submission.id] for submission in submissions]


def _is_absent(content: Submission) -> bool:
    return not content.sources and content.checks is None


class _Unfinished:
    """A submission, with the results of some of its exercises.

    Args:
        cache: the results of earlier runs.
        submission: the submission.
        share: whether its contents are also those of others.

    Attributes:
        missing: what is to be graded, by exercise.
    """

    def __init__(self, cache: Cache, submission: Submission, share: bool) -> None:
        self._course, self._submission = cache.course, submission
        self._contents = contents(cache.course, submission)
        if not share:
            own = {name: replace(part, id=digest(part.id, submission.id)) for name, part in self._contents.items()}
            self._contents = own
        found = {name: cache.get(name, content.id) for name, content in self._contents.items()}
        self._results = {name: kept.result for name, kept in found.items() if kept is not None}
        self._sandboxed = all(kept.sandboxed for kept in found.values() if kept is not None)
        self._fault = False
        self._notes: list[str] = []
        self.missing = {name: content for name, content in self._contents.items() if name not in self._results}

    def add(self, exercise: str, graded: SubmissionResult) -> None:
        """Add the result of an exercise, which was graded by its content."""
        del self.missing[exercise]
        self._results[exercise] = graded.exercises[exercise]
        self._sandboxed = self._sandboxed and graded.sandboxed
        self._fault = self._fault or graded.fault
        self._notes += graded.notes

    def result(self) -> SubmissionResult:
        """Combine the results of the exercises, and score them by the course as it is now."""
        by_id = self._course.by_id
        exercises = {name: rescored(self._course, by_id[name], self._results[name]) for name in self._contents}
        notes = dict.fromkeys([*self._submission.notes, *self._notes])
        return assemble(
            self._submission.id, exercises, tuple(notes), self._sandboxed, self._submission.digest, self._fault
        )


def keys_of(course: Course) -> dict[str, str]:
    """Return for each exercise a digest of everything its results depend on: its part of the course, and the grader.

    A file named after an exercise, with or without `test_` before the name, belongs to that exercise, and a file named
    after a draft to none; all other files belong to every exercise.
    """
    course = course.whole
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


def files_that_count(course: Course) -> list[Path]:
    """List the files of the course and of the grader on which results depend."""
    return [*course_files(course.whole), *_code()]


def grader_key() -> str:
    """Return a digest of the grader's own code, and of the versions of Python and torch that it runs with."""
    code = _digest_of_files(_code())
    python = ".".join(python_version().split(".")[:2])
    return digest(code, python, torch_version())


def _code() -> list[Path]:
    return sorted(Path(__file__).resolve().parents[1].rglob("*.py"))


def _owner(path: Path) -> str:
    # A family of mistakes belongs to all exercises, whatever its name.
    return "" if path.parent.name == "families" else path.stem.removeprefix("test_")


def _settings(exercise: Exercise) -> str:
    checks = [(check.id, check.visibility, check.hint) for check in exercise.checks]
    settings = [exercise.id, exercise.book, exercise.needs, exercise.limits, sorted(exercise.builtins.names)]
    return json.dumps(msgspec.to_builtins([*settings, exercise.free, checks]), sort_keys=True)


def _digest_of_files(paths: Sequence[Path]) -> str:
    return digest(*(part for path in paths for part in (path.name, path.read_bytes())))
