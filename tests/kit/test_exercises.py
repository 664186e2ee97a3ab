"""Every exercise is proven: its record is up to date, and a sample of what it says is tried again.

`make prove` proves all of it and writes the records; it runs every mistake and every right answer against all checks.
Which of them are tried here is decided by the record's digests. So the sample is the same in every run, and another one
after a change. `make test` tries a sample from every third exercise, `make slow` from all others.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import pytest

from grader.authoring.dependencies import dependencies
from grader.authoring.generate import SCHEMA_FILE, build_stubs, stale_cases
from grader.authoring.matrix import TRUSTED, alone, not_passed
from grader.authoring.proofs import AS_GRADED, stale
from grader.course import VISIBILITIES, load_course
from grader.course.mistakes import misconceptions, right_answers, with_misconception
from grader.grading import GraderPool
from grader.grading.results import schema_text
from tests.kit.commands import run_module
from tests.kit.turns import in_turn

COURSE = load_course(Path(__file__).resolve().parents[2] / "course.yaml")
EXERCISES = [exercise.id for exercise in COURSE.exercises]
MISTAKES, RIGHT_ANSWERS, EVERY = 3, 1, 10
"""Mistakes and right answers of an exercise that are tried, and of how many cases one is."""
T = TypeVar("T")


def sample(items: Sequence[T], count: int, exercise: str) -> list[T]:
    """Choose some items by the digests of everything the exercise's proof depends on, and by their position."""
    key = str(dependencies(COURSE, COURSE.by_id[exercise]))
    order = sorted(range(len(items)), key=lambda position: hashlib.sha256(f"{key} {position}".encode()).digest())
    return [items[position] for position in sorted(order[:count])]


@pytest.fixture(scope="module")
def trusted() -> Iterator[GraderPool]:
    """Return a grader that runs our own mistakes in its own process."""
    with GraderPool(COURSE, 1, TRUSTED) as graders:
        yield graders


@pytest.fixture(scope="module")
def graders() -> Iterator[GraderPool]:
    """Return a grader that works as it does for a class."""
    with GraderPool(COURSE, 1, AS_GRADED) as graders:
        yield graders


@pytest.mark.parametrize("exercise", EXERCISES)
def test_the_proof_is_up_to_date(exercise: str) -> None:
    """Nothing has changed since the exercise was proven."""
    assert [str(problem) for problem in stale(COURSE, [COURSE.by_id[exercise]])] == []


@pytest.mark.parametrize("exercise", EXERCISES)
def test_there_are_mistakes_and_styles_enough(exercise: str) -> None:
    """There are 15 mistakes or more, each with its own name, and six right answers in other styles or more."""
    names = [mistake.name for mistake in misconceptions(COURSE, exercise)]
    assert len(set(names)) == len(names) >= COURSE.minimum.mistakes >= 15
    assert len(list((COURSE.styles / exercise).glob("*.py"))) >= COURSE.minimum.styles >= 6


def test_an_untouched_stub_is_not_started_in_any_check(trusted: GraderPool) -> None:
    """Nothing is passed, visible or hidden, with what the learner is given."""
    given = [alone(COURSE, name, name, (COURSE.stubs / f"{name}.py").read_text(encoding="utf-8")) for name in EXERCISES]
    for result in trusted.grade(given):
        statuses = {check.id: check.status for check in result.exercises[result.id].checks}
        assert set(statuses.values()) == {"not_started"}, (result.id, statuses)


@pytest.mark.parametrize("exercise", in_turn(EXERCISES))
def test_some_mistakes_fail_their_own_checks_first(trusted: GraderPool, exercise: str) -> None:
    """Each mistake in a sample fails its own check, and fails it first unless that isn't possible."""
    mistakes = sample(misconceptions(COURSE, exercise), MISTAKES, exercise)
    checks = [check.id for check in COURSE.by_id[exercise].checks]
    given = []
    for mistake in mistakes:
        made = alone(COURSE, exercise, mistake.name, with_misconception(COURSE, exercise, mistake))
        upto = checks[: checks.index(mistake.check) + 1]
        given.append(dataclasses.replace(made, checks=frozenset(upto)))
    for mistake, result in zip(mistakes, trusted.grade(given), strict=True):
        failed = not_passed(result, exercise)
        assert mistake.check in failed, mistake.name
        assert failed[0] == mistake.check or mistake.preceded, (mistake.name, failed)


@pytest.mark.parametrize("exercise", in_turn(EXERCISES))
def test_some_right_answers_get_full_marks(graders: GraderPool, exercise: str) -> None:
    """Each style and stand-in in a sample passes every check when graded like a student's answer."""
    paths = sample([path for path in right_answers(COURSE, exercise)[1:]], RIGHT_ANSWERS, exercise)
    given = [alone(COURSE, exercise, str(path), path.read_text(encoding="utf-8")) for path in paths]
    for result in graders.grade(given):
        assert not not_passed(result, exercise), result.id
        assert result.exercises[exercise].score == COURSE.by_id[exercise].max_score


@pytest.mark.parametrize("exercise", EXERCISES)
def test_the_stub_is_fresh(exercise: str) -> None:
    """The stub is what the solution gives."""
    (stub,) = build_stubs(COURSE, [COURSE.by_id[exercise]]).items()
    assert stub[0].read_text(encoding="utf-8") == stub[1], f"Run: grader build {exercise}"


@pytest.mark.parametrize("exercise", in_turn(EXERCISES))
def test_the_cases_are_fresh(exercise: str) -> None:
    """The cases name the catalog's mistakes, and a tenth of them get the recorded answers."""
    (first,) = sample(range(EVERY), 1, exercise)
    assert not stale_cases(COURSE, COURSE.by_id[exercise], EVERY, first), f"Run: grader build {exercise}"


def test_the_schema_of_the_results_is_fresh() -> None:
    """`docs/results.schema.json` is what the code generates."""
    assert (COURSE.root / SCHEMA_FILE).read_text(encoding="utf-8") == schema_text(), "Run: grader build"


@pytest.mark.parametrize("exercise", in_turn(EXERCISES))
def test_the_solution_passes_all_checks(exercise: str) -> None:
    """Plain pytest on the solution passes, golden records included."""
    options = ["-W", "error", "-q", "--submission", "solutions"]
    checks = [f"tests/{visibility}/test_{exercise}.py" for visibility in VISIBILITIES]
    done = run_module("pytest", *options, *checks, cwd=COURSE.root)
    assert done.returncode == 0, done.stdout[-3000:]
