"""Proofs that exercises work, recorded in `solutions/proofs` with digests of everything that they depend on.

A proof runs every mistake and every right answer of an exercise against all of its checks, which takes a minute or two.
The record says that this was done, and with which files. As long as these files don't change, there is no need to do it
again.
"""

from __future__ import annotations

import functools
import multiprocessing
import platform
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import msgspec
import torch

from grader.authoring.dependencies import LIBRARIES, dependencies, differences
from grader.authoring.generate import stale_files
from grader.authoring.matrix import TRUSTED, Matrix, alone, compute_one, not_passed
from grader.course import VISIBILITIES, Course, Exercise
from grader.course.mistakes import misconceptions, right_answers
from grader.diagnosis import load
from grader.grading import GraderPool, GradingOptions
from grader.reports.score_in_words import exercise_notes

FOLDER = "proofs"
SHOWN = 6
"""The number of changes that a message names; it only counts the rest."""
EACH = 20
"""The number of mistakes and right answers between reports of progress."""
AS_GRADED = GradingOptions("auto", diagnosing=False)
"""How to grade right answers: like a student's, in a worker, and in a sandbox if there is one."""
Tell = Callable[[str], None]


class Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The record of an exercise's proof.

    Attributes:
        exercise: its id.
        proven: the numbers of checks, mistakes, right answers and cases.
        using: the versions that were installed; with others the proof still counts, but you get a remark.
        depends_on: a digest of each file, mistake and package that the proof depends on.
    """

    exercise: str
    proven: dict[str, int]
    using: dict[str, str]
    depends_on: dict[str, str]


@dataclass(frozen=True)
class Problem:
    """A sentence about what is wrong with an exercise, and the command to run next."""

    exercise: str
    sentence: str
    command: str

    def __str__(self) -> str:
        return f"{self.exercise}: {self.sentence} Run: {self.command}"


def record_file(course: Course, exercise: str) -> Path:
    """Return the path of the record of an exercise."""
    return course.solutions / FOLDER / f"{exercise}.json"


def read_record(course: Course, exercise: str) -> Record | None:
    """Read the record of an exercise; None if there is none, or it can't be read."""
    try:
        return msgspec.json.decode(record_file(course, exercise).read_bytes(), type=Record)
    except (FileNotFoundError, msgspec.MsgspecError):
        return None


def changed(course: Course, exercise: Exercise) -> list[str]:
    """List what has changed since the proof, in a few words each; everything if there is no record.

    Raises:
        CourseError: a mistake doesn't fit the solution.
    """
    record = read_record(course, exercise.id)
    return differences({} if record is None else record.depends_on, dependencies(course, exercise))


def stale(course: Course, exercises: Sequence[Exercise]) -> list[Problem]:
    """List the exercises whose proof is out of date, and the records of exercises that no longer exist.

    Raises:
        CourseError: a mistake doesn't fit the solution.
    """
    problems: list[Problem] = []
    for exercise in exercises:
        changes = changed(course, exercise)
        if changes:
            known = read_record(course, exercise.id) is not None
            sentence = f"Changed since it was proven: {_some(changes)}." if known else "It was never proven."
            problems.append(Problem(exercise.id, sentence, f"make prove, or: grader prove {exercise.id}"))
    files = {record_file(course, exercise.id) for exercise in course.exercises}
    for path in sorted((course.solutions / FOLDER).glob("*.json")):
        if path not in files:
            named = path.relative_to(course.root).as_posix()
            problems.append(Problem(path.stem, "There is a record, but the exercise doesn't exist.", f"git rm {named}"))
    return problems


def installed() -> dict[str, str]:
    """Return the versions of Python and of the libraries that decide what a check sees."""
    python = ".".join(platform.python_version_tuple()[:2])
    return {"python": python} | {name: version(name).partition("+")[0] for name in LIBRARIES}


def other_versions(course: Course) -> list[str]:
    """Write a line for each exercise that was proven with other versions than those installed."""
    here = installed()
    problems = []
    for exercise in course.exercises:
        record = read_record(course, exercise.id)
        used = record.using if record is not None else here
        other = [f"{name} {used.get(name, '?')} (here {here[name]})" for name in here if used.get(name) != here[name]]
        if other:
            problems.append(f"{exercise.id} was proven with {', '.join(other)}")
    return problems


def prove(
    course: Course,
    exercises: Sequence[Exercise],
    tell: Tell,
    matrices: list[Matrix] | None = None,
    jobs: int | None = None,
) -> list[Problem]:
    """Prove exercises one after another, and write a record for each that has no problems.

    A proof of an exercise shows that:

    - its stub, golden record and cases match its solution, checks and mistakes;
    - the rules of the matrix are kept: on each mistake, its own check is the first to fail; a hidden check fails on
      each mistake, and visible checks on most; each check fails on some mistake; no check fails on a right answer;
    - right answers, including stand-ins, get full marks when they are graded like a student's.

    Args:
        course: the course; its authors wrote its mistakes and right answers, so their code is trusted.
        exercises: the exercises.
        tell: called with a line about each step.
        matrices: a list to which the matrix of each exercise is added.
        jobs: the number of grader processes; one per core by default.

    Returns:
        The problems. An exercise with problems loses its record.

    Raises:
        CourseError: a mistake doesn't fit the solution.
        GraderFailed: the checks can't run.
    """
    before = {exercise.id: dependencies(course, exercise) for exercise in exercises}
    problems: list[Problem] = []
    with GraderPool(course, jobs, TRUSTED) as trusted, GraderPool(course, jobs, AS_GRADED) as graders:
        for exercise, old in _old_files(course, exercises, tell, jobs):
            mistakes, answers = len(misconceptions(course, exercise.id)), len(right_answers(course, exercise.id))
            tell(
                f"{exercise.id}: {mistakes} mistakes and {answers} right answers against {len(exercise.checks)} checks"
            )
            new_problems = [Problem(exercise.id, f"Stale: {_some(old)}.", f"grader build {exercise.id}")] if old else []
            matrix = compute_one(course, exercise, trusted, _counted(mistakes + answers, tell))
            if matrices is not None:
                matrices.append(matrix)
            new_problems += _broken(matrix)
            new_problems += _without_full_marks(course, exercise, graders)
            if before[exercise.id] != dependencies(course, exercise):
                new_problems.append(Problem(exercise.id, "It changed during the proof.", f"grader prove {exercise.id}"))
            if new_problems:
                record_file(course, exercise.id).unlink(missing_ok=True)
                tell(f"{exercise.id}: NOT proven")
            else:
                _write(course, _record(course, matrix, before[exercise.id]))
                tell(f"{exercise.id}: proven")
            problems += new_problems
    return problems


def _counted(count: int, tell: Tell) -> Tell:
    """Return a function to call after each of `count` steps; it reports some of them."""
    done = 0

    def step(name: str) -> None:
        nonlocal done
        done += 1
        if done % EACH == 0 and done < count:
            tell(f"  {done} of {count}")

    return step


def _old_files(
    course: Course, exercises: Sequence[Exercise], tell: Tell, jobs: int | None
) -> Iterator[tuple[Exercise, list[str]]]:
    """Return, for each exercise, the names of its generated files that don't match their sources."""
    tell(f"Stubs, golden records and cases of {', '.join(exercise.id for exercise in exercises)}")
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, context, torch.set_num_threads, (1,)) as pool:
        old = list(pool.map(functools.partial(_old_files_of, course), exercises))
    yield from zip(exercises, old, strict=True)


def _old_files_of(course: Course, exercise: Exercise) -> list[str]:
    return [path.relative_to(course.root).as_posix() for path in stale_files(course, exercise)]


def _broken(matrix: Matrix) -> list[Problem]:
    exercise = matrix.exercise.id
    return [Problem(exercise, sentence, f"grader matrix {exercise}") for sentence in matrix.broken()]


def _without_full_marks(course: Course, exercise: Exercise, graders: GraderPool) -> list[Problem]:
    given = [
        alone(course, exercise.id, path.relative_to(course.root).as_posix(), path.read_text(encoding="utf-8"))
        for path in right_answers(course, exercise.id)
    ]
    problems = []
    for result in graders.grade(given):
        failed = not_passed(result, exercise.id)
        score, most = result.exercises[exercise.id].score, exercise.max_score
        if failed or score < most:
            reasons = [f"{_some(failed)} failed."] if failed else exercise_notes(result.exercises[exercise.id])
            sentence = f"{result.id}, a right answer, gets {score:g} of {most:g} points: {' '.join(reasons)}"
            problems.append(Problem(exercise.id, sentence, f"grader prove {exercise.id}, once you have changed it"))
    return problems


def _record(course: Course, matrix: Matrix, depends_on: dict[str, str]) -> Record:
    exercise = matrix.exercise
    cases = sum(len(load(course.cases(visibility) / f"{exercise.id}.json").cases) for visibility in VISIBILITIES)
    counts = {"checks": len(exercise.checks), "mistakes": len(matrix.rows), "right answers": len(matrix.right)}
    return Record(exercise.id, counts | {"cases": cases}, installed(), depends_on)


def _write(course: Course, record: Record) -> None:
    path = record_file(course, record.exercise)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(record), indent=1) + b"\n")


def _some(names: Sequence[str]) -> str:
    """Join names; only count those beyond a handful."""
    more = [f"and {len(names) - SHOWN} more"] if len(names) > SHOWN else []
    return ", ".join([*names[:SHOWN], *more])
