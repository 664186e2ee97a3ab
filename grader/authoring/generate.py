"""Generate stubs, golden records, diagnostic cases and the schema of the results, so that nothing is typed twice."""

from __future__ import annotations

import functools
import itertools
import json
import multiprocessing
import tempfile
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TypeVar

import torch

from grader.checks.runner import Runner
from grader.checks.summary import failure_text
from grader.checks.under_test import SubmissionUnderTest
from grader.course import VISIBILITIES, Check, Course, Exercise, Visibility
from grader.course.mistakes import misconceptions
from grader.course.stub import make_stub
from grader.diagnosis import Case, CaseBook, case_from_json, is_stale, load, make_books, save, with_sentences
from grader.errors import CourseError, GraderError, StaleFiles
from grader.grading.results import schema_text
from grader.tolerance import FLOAT32

SCHEMA_FILE = Path("docs", "results.schema.json")
"""The schema of `results.json`; a course that doesn't publish it doesn't have this file."""
ROUNDING = 1e-9
"""How far recorded numbers may be apart on different machines, in float64, relative to their size or to 1."""
_T = TypeVar("_T")


def build_stubs(course: Course, exercises: Sequence[Exercise]) -> dict[Path, str]:
    """Make the texts of some exercises' stubs, by path.

    Raises:
        CourseError: a solution is missing or badly marked.
    """
    stubs = {}
    for exercise in exercises:
        solution = course.solutions / f"{exercise.id}.py"
        if not solution.is_file():
            raise CourseError(f"`{exercise.id}` has no solution. Write solutions/{exercise.id}.py.")
        text = solution.read_text(encoding="utf-8")
        stubs[course.stubs / f"{exercise.id}.py"] = make_stub(text, f"solutions/{exercise.id}.py")
    return stubs


def record_golden(course: Course, folder: Path, exercises: Sequence[Exercise]) -> None:
    """Run some exercises' visible checks on the solutions, and record their golden values in a folder.

    Raises:
        CourseError: the solutions don't run.
    """
    golden = [check for exercise in exercises for check in exercise.checks if check.golden]
    if golden:
        _run_on_solutions(course, golden, "--record-golden", str(folder))


def record_cases(course: Course, exercise: Exercise) -> dict[Visibility, CaseBook]:
    """Run an exercise's checks on the solutions, and choose the cases that tell mistakes apart.

    Raises:
        CourseError: the solutions don't run.
    """
    with tempfile.TemporaryDirectory() as scratch:
        _run_on_solutions(course, exercise.checks, "--record-cases", scratch)
        offered: dict[Visibility, Sequence[Case]] = {}
        for visibility in VISIBILITIES:
            path = Path(scratch) / f"{exercise.id}.{visibility}.jsonl"
            lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
            offered[visibility] = [case_from_json(json.loads(line)) for line in lines]
        return make_books(course, exercise.id, offered)


def stale_cases(course: Course, exercise: Exercise, every: int = 1, first: int = 0) -> bool:
    """Say whether the recorded cases of an exercise no longer fit its solution, its catalog or its checks.

    Args:
        course: the course.
        exercise: the exercise.
        every: look only at every n-th case; all cases of a course take minutes.
        first: the number of the first case to look at.
    """
    paths = {visibility: course.cases(visibility) / f"{exercise.id}.json" for visibility in VISIBILITIES}
    if not misconceptions(course, exercise.id):
        return any(path.is_file() for path in paths.values())
    return is_stale(course, exercise, {visibility: load(path) for visibility, path in paths.items()}, every, first)


def _run_on_solutions(course: Course, checks: Sequence[Check], *options: str) -> None:
    """Run checks on the solutions in a new process, because a process imports a file of checks only once.

    Raises:
        CourseError: a check fails, or can't run.
    """
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        problem = pool.submit(_problem_on_solutions, course, checks, options).result()
    if problem:
        text = "Nothing was recorded, because checks fail on the solutions. Run: pytest --submission solutions"
        raise CourseError(f"{text}\n{problem}")


def _problem_on_solutions(course: Course, checks: Sequence[Check], options: Sequence[str]) -> str:
    """Run checks on the solutions; return the message of the first failure, or the reason why none can run."""
    under_test = SubmissionUnderTest(course, diagnosing=False)
    try:
        with Runner(course, under_test, checks, options) as runner:
            under_test.load_folder(course.solutions)
            for check in checks:
                outcome, _ = runner.run(check)
                if outcome.status != "passed":
                    return f"{check.path.name}: {check.id}\n{failure_text(check, outcome)}"
    except GraderError as error:
        return str(error)
    return ""


def stale_files(course: Course, only: Exercise | None = None, every: int = 1) -> list[Path]:
    """List the generated files that don't match their sources.

    Args:
        course: the course.
        only: the exercise to look at; all by default.
        every: look only at every n-th recorded case; see `stale_cases`.
    """
    exercises = [only] if only else course.exercises
    stubs = build_stubs(course, exercises)
    stale = [path for path, text in stubs.items() if not path.is_file() or _read(path) != text]
    with tempfile.TemporaryDirectory() as scratch:
        record_golden(course, Path(scratch), exercises)
        fresh = {path.name: path for path in Path(scratch).glob("*.json")}
        kept = {path.name: path for path in course.golden.glob(f"{only.id}.json" if only else "*.json")}
        for name in sorted(fresh.keys() | kept.keys()):
            if name not in fresh or name not in kept or not _agree(_load(fresh[name]), _load(kept[name])):
                stale.append(course.golden / name)
    look = functools.partial(stale_cases, every=every)
    for exercise, is_old in zip(exercises, _on_all_cores(look, course, exercises), strict=True):
        if is_old:
            stale += [course.cases(visibility) / f"{exercise.id}.json" for visibility in VISIBILITIES]
    schema = course.root / SCHEMA_FILE
    if not only and schema.is_file() and _read(schema) != schema_text():
        stale.append(schema)
    return stale


def build(course: Course, only: Exercise | None = None, check: bool = False) -> list[Path]:
    """Write the stale files, and list them.

    Args:
        course: the course.
        only: the exercise to write files for; all by default.
        check: write nothing.

    Raises:
        StaleFiles: with `check`, some files are stale; the message names them.
    """
    exercises = [only] if only else course.exercises
    stale = stale_files(course, only)
    if check and stale:
        names = ", ".join(str(path.relative_to(course.root)) for path in stale)
        raise StaleFiles(f"Stale: {names}. Run: grader build{f' {only.id}' if only else ''}")
    for path, text in build_stubs(course, exercises).items():
        if path in stale:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
    if any(path.parent == course.golden for path in stale):
        for path in course.golden.glob(f"{only.id}.json" if only else "*.json"):
            path.unlink()
        record_golden(course, course.golden, exercises)
    old = [e for e in exercises if any(path.stem == e.id and path.parent.name == "cases" for path in stale)]
    _on_all_cores(write_cases, course, old)
    if course.root / SCHEMA_FILE in stale:
        (course.root / SCHEMA_FILE).write_text(schema_text(), encoding="utf-8", newline="\n")
    return stale


def write_cases(course: Course, exercise: Exercise) -> None:
    """Write the cases of an exercise; without a catalog there are none.

    If only sentences of the catalog changed, the recorded cases stay. To record them again, delete their files.
    """
    paths = {visibility: course.cases(visibility) / f"{exercise.id}.json" for visibility in VISIBILITIES}
    books: Mapping[Visibility, CaseBook] = {}
    if misconceptions(course, exercise.id):
        kept = {visibility: load(path) for visibility, path in paths.items() if path.is_file()}
        renewed = with_sentences(course, exercise, kept) if len(kept) == len(paths) else None
        books = renewed or record_cases(course, exercise)
    for visibility, path in paths.items():
        if visibility in books:
            save(books[visibility], path)
        else:
            path.unlink(missing_ok=True)


def _on_all_cores(work: Callable[[Course, Exercise], _T], course: Course, exercises: Sequence[Exercise]) -> list[_T]:
    """Do some work for each exercise, in parallel if there is more than one exercise with mistakes."""
    if sum(bool(misconceptions(course, exercise.id)) for exercise in exercises) < 2:
        return [work(course, exercise) for exercise in exercises]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(mp_context=context, initializer=torch.set_num_threads, initargs=(1,)) as pool:
        return list(pool.map(work, itertools.repeat(course), exercises))


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _load(path: Path) -> object:
    return json.loads(_read(path))


def _agree(first: object, second: object, rounding: float = ROUNDING) -> bool:
    """Say whether two records are equal; numbers may differ by the rounding between machines."""
    if isinstance(first, (int, float)) and isinstance(second, (int, float)):
        return abs(first - second) <= rounding * max(1.0, abs(first))
    if isinstance(first, list) and isinstance(second, list):
        return len(first) == len(second) and all(_agree(*pair, rounding) for pair in zip(first, second, strict=True))
    if isinstance(first, dict) and isinstance(second, dict):
        if first.get("tensor") == "float32":
            rounding = FLOAT32.relative
        return first.keys() == second.keys() and all(_agree(first[key], second[key], rounding) for key in first)
    return first == second
