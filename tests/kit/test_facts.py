"""Facts: what is measured about a learner's module if no known mistake explains why a check failed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from grader.authoring.matrix import alone
from grader.checks.facts import facts_of
from grader.course import Course, load_course
from grader.failures.rows import MEASURED
from grader.grading.results import CheckResult
from grader.grading.run import grade
from grader.port import InProcess, Port, Workspace

ROOT = Path(__file__).resolve().parents[2]
EXERCISES = sorted(
    path.stem for path in (ROOT / "tests/visible/facts").glob("*.py") if (ROOT / f"solutions/{path.stem}.py").is_file()
)

TINY_FACTS = '''\
from grader.checks import Port, expect, fact


@fact(why="Nobody reads this.", hint="Nor this.")
def fails(learner: Port) -> str | None:
    """Ask for a function that doesn't exist."""
    return str(learner.call("halve", 1.0))


@fact(why="Twice 3 is 6.", hint="What do you multiply by?")
def factor(learner: Port) -> str | None:
    """Double 1."""
    got = learner.call("double", 1.0)
    return None if got == 2.0 else f"Your numbers are multiplied by {got}, expected 2."


@fact(why="Nobody reads this.", hint="Nor this.")
def comes_later(learner: Port) -> str | None:
    """Say something about whatever comes."""
    return "This is always said, if nothing is said before."
'''


def graded(tiny_course: Callable[..., Path], facts: str, answer: str) -> tuple[CheckResult, ...]:
    """Grade an answer to `double` in a course with these facts about it."""
    course = load_course(tiny_course(tests__visible__facts__double_dot_py=facts))
    submission = alone(course, "double", "learner", f"def double(x):\n    return {answer}\n")
    [result] = grade(course, [submission], trusted=True)
    return tuple(result.exercises["double"].checks)


def test_the_first_fact_names_what_no_known_mistake_explains(tiny_course: Callable[..., Path]) -> None:
    """Facts that can't be measured are passed over, and each failed check gets the first that says something."""
    for check in graded(tiny_course, TINY_FACTS, "3 * x"):
        assert [mistake.name for mistake in check.mistakes] == [f"{MEASURED}factor"]
        assert check.mistakes[0].did == "Your numbers are multiplied by 3.0, expected 2."
        assert check.score == 0, "only a known mistake limits what failures cost"


def test_a_right_answer_is_not_measured(tiny_course: Callable[..., Path]) -> None:
    """Whatever the facts would say, a check that passed says nothing."""
    for check in graded(tiny_course, TINY_FACTS, "2 * x"):
        assert check.status == "passed"
        assert not check.mistakes


@pytest.mark.parametrize("answer", ["while_true", "exit(0)", "object()", "[x] * 10**6"])
def test_odd_replies_leave_the_result_as_it_is(tiny_course: Callable[..., Path], answer: str) -> None:
    """A measurement that breaks costs nothing but the name."""
    odd = "(lambda f: f(f))(lambda f: [f for _ in iter(int, 1)])" if answer == "while_true" else answer
    for check in graded(tiny_course, TINY_FACTS.replace("comes_later", "factor_again"), odd):
        assert check.status in ("failed", "timeout", "error", "skipped")


def test_facts_with_an_error_leave_the_result_as_it_is(tiny_course: Callable[..., Path]) -> None:
    """A file of facts that can't be imported is logged, and the checks still have their results."""
    for check in graded(tiny_course, "import nothing_of_this_name\n", "3 * x"):
        assert check.status == "failed"
        assert not check.mistakes


@pytest.mark.parametrize("exercise", EXERCISES)
def test_nothing_is_measured_about_right_answers(course: Course, exercise: str) -> None:
    """On the solution, the stand-in and every right answer in another style, no fact has anything to say."""
    needed = {name: course.standins / f"{name}.py" for name in course.all_needs(exercise)}
    standin = [path for path in [course.standins / f"{exercise}.py"] if path.is_file()]
    facts = facts_of(course, exercise)
    assert facts
    for path in [course.solutions / f"{exercise}.py", *standin, *sorted((course.styles / exercise).glob("*.py"))]:
        transport = InProcess(Workspace(needed | {exercise: path}))
        try:
            measured = [fact.known_mistake(Port(transport, exercise)) for fact in facts]
        finally:
            transport.close()
        assert not [mistake.did for mistake in measured if mistake is not None], path.name
