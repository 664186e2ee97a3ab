"""The runner collects checks, all at once or when they are needed, and gives up modules that hang."""

from __future__ import annotations

import contextlib
import io
import pickle
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.checks.policy import _Attempt
from grader.checks.runner import Runner
from grader.checks.under_test import Blamed, SubmissionUnderTest
from grader.course import Course, load_course
from grader.errors import GraderError
from grader.grading import Submission
from grader.grading.by_content import IMPORT
from grader.grading.helpers import IMPORTS, found, imported
from grader.grading.pool import _each_exercise_first
from grader.grading.run import grade
from grader.port import OtherProcess
from grader.port.replay import Memory
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
    """A check file that can't be imported is an error when its checks are asked for; others run."""
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
        assert under_test.given_up("twice") == Blamed(("double",))
        under_test.load(files(tmp_path / "next", RIGHT))
        assert under_test.given_up("twice") is None
    assert {outcome.status for outcome in outcomes} == {"passed"}
    assert all(outcome.over_standins and outcome.harmful == ("double",) for outcome in outcomes)
    limits = course.by_id["twice"].limits
    # One call with its own modules, and a shorter one to find the module that hangs.
    assert waited == [limits.call, limits.after_timeout]


THREE = """\
    id: tiny
    title: Three exercises
    limits: {call: 1, after_timeout: 0.5}
    exercises:
      - {id: double, title: Double}
      - {id: zero, title: Zero}
      - {id: twice, title: Twice, needs: [double, zero]}
    """
CHECKS = """
    def test_one(learner):
        \"\"\"Four times 1.\"\"\"
        assert learner.call("twice", 1.0) == 4.0

    def test_two(learner):
        \"\"\"Four times 2.\"\"\"
        assert learner.call("twice", 2.0) == 8.0

    def test_three(learner):
        \"\"\"Four times 3.\"\"\"
        assert learner.call("twice", 3.0) == 12.0
    """
ZERO = "def zero(x):\n    return 0 * x\n"
HANGS_ON_ONE = "def double(x):\n    while x == 1: pass\n    return 2 * x\n\ndef own(x):\n    return double(x)\n"


@pytest.mark.parametrize(
    ("imported_name", "also", "statuses", "harmful"),
    [
        # The stand-in has this, so the checks pass with it; only the module that hangs on one input is to blame.
        ("double", "", ["passed", "passed", "passed"], {("double",)}),
        # The stand-in doesn't have this, so what passes with the learner's own module is right.
        ("own", "", ["failed", "passed", "passed"], {()}),
        # Here it has what the first two checks need, and the last passes only with the learner's own module.
        ("double", "    if x == 3: from .double import own\n", ["passed", "passed", "passed"], {("double",), ()}),
    ],
)
def test_a_call_that_hangs_once_costs_no_other_check(
    tiny_course: TinyCourse,
    tmp_path: Path,
    imported_name: str,
    also: str,
    statuses: list[str],
    harmful: set[tuple[str, ...]],
) -> None:
    """Whoever's own modules are given up keeps what passes with them, and no innocent module is named."""
    course = load_course(
        tiny_course(
            course_dot_yaml=THREE,
            tests__visible__test_twice_dot_py=CHECKS,
            solutions__zero_dot_py=ZERO,
            solutions__standins__zero_dot_py=ZERO,
            tests__visible__test_zero_dot_py=CHECKS.replace("twice", "zero"),
        )
    )
    twice = (
        f"from .double import {imported_name}\nfrom .zero import zero\n\n"
        f"def twice(x):\n{also}    return {imported_name}({imported_name}(x)) + zero(x)\n"
    )
    with (
        contextlib.closing(SubmissionUnderTest(course, OtherProcess)) as under_test,
        runner_of(course, under_test) as runner,
        contextlib.redirect_stderr(io.StringIO()),
    ):
        under_test.load(files(tmp_path / "handed-in", {"double": HANGS_ON_ONE, "zero": ZERO, "twice": twice}))
        outcomes = [runner.run(check)[0] for check in course.by_id["twice"].checks]
    assert [outcome.status for outcome in outcomes] == statuses
    assert {outcome.harmful for outcome in outcomes if outcome.status == "passed"} == harmful


def test_what_a_failed_check_keeps_is_counted(
    tiny_course: TinyCourse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A large question with a small reply counts: if the example that failed is too large, its outcome isn't kept."""
    check_file = '''\
        import torch

        from grader.checks import expect_equal


        def test_double_many(learner):
            """The double of many numbers is a number."""
            expect_equal(learner.call("double", torch.ones(10_000)), 3)
        '''
    course = load_course(tiny_course(tests__visible__test_double_dot_py=check_file))
    (check,) = [check for check in course.by_id["double"].checks if check.id == "test_double_many"]
    for largest, answer, kept in ((10_000, 2, False), (10_000, 3, True), (100_000, 2, True)):
        monkeypatch.setattr("grader.port.replay.LARGEST", largest)
        path = tmp_path / "double.py"
        path.write_text(f"def double(x):\n    return {answer}\n")
        memory = Memory(shared=True)
        with (
            contextlib.closing(
                SubmissionUnderTest(course, connect=OtherProcess, diagnosing=False, memory=memory)
            ) as under_test,
            Runner(course, under_test, [check], at_once=False) as runner,
        ):
            under_test.load({"double": path})
            assert (runner.run(check)[0].status == "passed") == (answer == 3)
        _, _, outcomes = pickle.loads(memory.shared_replies())
        assert any(isinstance(pickle.loads(packed).value, _Attempt) for _, packed in outcomes) == kept


def test_checks_that_do_not_work_are_found_soon() -> None:
    """A grader process imports the checks of an exercise at its first submission, so one of each comes first."""
    given = [Submission(name, {name[0]: b""}, ()) for name in ("a1", "a2", "a3", "b1", "b2", "c1")]
    assert [each.id for each in _each_exercise_first(given)] == ["a1", "b1", "c1", "a2", "a3", "b2"]
    # The first wasn't handed in, so its checks aren't imported before somebody hands it in.
    left_out = Submission("none", {}, (), exercises=frozenset("a"))
    assert [each.id for each in _each_exercise_first([left_out, given[3], given[0]])] == ["b1", "a1", "none"]


def test_a_long_list_in_an_import_is_not_searched_forever() -> None:
    """All its names count, also if the list never ends; then it's read once, not from each of its lines."""
    assert {"helpers", "first"} <= imported([b"from helpers import (first,\n second)\n"])
    assert {"helpers", "last"} <= imported([b"from helpers import (" + b"name,\n" * 100_000 + b"last)"])
    assert "helpers" in imported([b"from helpers import (" + b"name,\n" * 100_000])
    for pattern in (IMPORTS, IMPORT):
        assert len(found(pattern, b"from helpers import (\n" * 9)) == 1
