"""The runner collects checks, all at once or when they are needed, and gives up modules that hang."""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.checks.runner import Runner
from grader.checks.under_test import SubmissionUnderTest
from grader.course import Course, load_course
from grader.errors import GraderError
from grader.grading import Submission
from grader.grading.helpers import imported
from grader.grading.run import grade
from grader.port import OtherProcess
from grader.wire.encoding import unpack_replies
from grader.wire.requests import Stopped

TinyCourse = Callable[..., Path]
BROKEN = 'import nothing_of_the_kind\n\n\ndef test_x(learner):\n    """T."""\n'
RIGHT = {
    "double": "def double(x):\n    return 2 * x\n",
    "twice": "from .double import double\n\ndef twice(x):\n    return double(double(x))\n",
}
ENDLESS = RIGHT | {"double": "def double(x):\n    while True: pass\n"}


@pytest.fixture(autouse=True)
def without_other_courses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget the check files of other tests' courses, whose modules have the same names."""
    for name in [name for name in sys.modules if name.endswith(("test_double", "test_twice"))]:
        monkeypatch.delitem(sys.modules, name)


def runner_of(course: Course, under_test: SubmissionUnderTest) -> Runner:
    """Return a runner that collects the checks of an exercise when they are needed."""
    return Runner(course, under_test, [check for e in course.exercises for check in e.checks], at_once=False)


def files(folder: Path, sources: dict[str, str]) -> dict[str, Path]:
    """Write modules, and return their paths."""
    folder.mkdir()
    for name, text in sources.items():
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
    return {name: folder / f"{name}.py" for name in sources}


def test_the_checks_of_an_exercise_are_collected_when_they_are_needed(tiny_course: TinyCourse, tmp_path: Path) -> None:
    """A check file that can't be imported stops whoever runs its checks, and nobody else."""
    course = load_course(tiny_course(tests__visible__test_double_dot_py=BROKEN))
    with contextlib.closing(SubmissionUnderTest(course)) as under_test, runner_of(course, under_test) as runner:
        under_test.load(files(tmp_path / "handed-in", RIGHT))
        for check in course.by_id["twice"].checks:
            assert runner.has(check)
            assert runner.run(check)[0].status == "passed"
        with pytest.raises(GraderError, match=r"can't collect the checks .*Run: pytest --collect-only tests/"):
            runner.has(course.by_id["double"].checks[0])


def test_all_checks_collected_at_once_are_the_same(tiny_course: TinyCourse, tmp_path: Path) -> None:
    """Whether they are collected together or one exercise after another, the same checks run, with the same outcomes."""
    course = load_course(tiny_course())
    checks = [check for exercise in course.exercises for check in exercise.checks]
    outcomes = []
    for at_once in (True, False):
        with (
            contextlib.closing(SubmissionUnderTest(course)) as under_test,
            Runner(course, under_test, checks, at_once=at_once) as runner,
        ):
            under_test.load(files(tmp_path / str(at_once), RIGHT | {"double": "def double(x):\n    return x + 1\n"}))
            outcomes.append([runner.run(check)[0] for check in checks if runner.has(check)])
    assert len(outcomes[0]) == len(checks)
    assert outcomes[0] == outcomes[1]


def test_only_what_is_asked_is_graded(tiny_course: TinyCourse) -> None:
    """A submission that asks for one exercise gets a result for it, even if the checks of another can't be imported."""
    course = load_course(tiny_course(tests__visible__test_double_dot_py=BROKEN))
    sources = {name: text.encode() for name, text in RIGHT.items()}
    (result,) = grade(course, [Submission("ada", sources, (), exercises=frozenset(["twice"]))])
    assert list(result.exercises) == ["twice"]
    assert result.score == result.max_score > 0


def test_a_needed_module_that_hangs_is_given_up_after_one_call(
    tiny_course: TinyCourse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first check waits for it; the others run with stand-ins at once, and the module is named."""
    course = load_course(tiny_course())
    waited = []
    ask = OtherProcess.ask_packed

    def note(transport: OtherProcess, requests: bytes, seconds: float) -> bytes:
        replies = ask(transport, requests, seconds)
        if isinstance(unpack_replies(replies)[-1], Stopped):
            waited.append(seconds)
        return replies

    monkeypatch.setattr(OtherProcess, "ask_packed", note)
    checks = course.by_id["twice"].checks
    assert len(checks) > 1
    with (
        contextlib.closing(SubmissionUnderTest(course, OtherProcess)) as under_test,
        runner_of(course, under_test) as runner,
        contextlib.redirect_stderr(io.StringIO()),
    ):
        under_test.load(files(tmp_path / "handed-in", ENDLESS))
        outcomes = [runner.run(check)[0] for check in checks]
        assert under_test.is_without_own_modules("twice")
        under_test.load(files(tmp_path / "next", RIGHT))
        assert not under_test.is_without_own_modules("twice")
    assert {outcome.status for outcome in outcomes} == {"passed"}
    assert all(outcome.over_standins and outcome.harmful == ("double",) for outcome in outcomes)
    limits = course.by_id["twice"].limits
    # One call with its own modules, and then one for each check, shorter, to find the module that hangs.
    assert waited == [limits.call, *[limits.after_timeout] * len(checks)]


def test_a_long_list_in_an_import_is_not_searched_forever() -> None:
    """The names up to the parenthesis count in any case."""
    assert {"helpers", "first"} <= imported([b"from helpers import (first,\n second)\n"])
    assert "helpers" in imported([b"from helpers import (" + b"name,\n" * 100_000])
