"""The pytest plugin: plain `pytest` runs the visible checks on `exercises/`, and says what it found in words.

It takes over only the tests that are checks of the course; every other test runs as pytest runs it.
"""

from __future__ import annotations

import atexit
import contextlib
import dataclasses
import functools
import gc
import json
import os
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import torch
from _pytest.config import _prepareconfig
from _pytest.runner import runtestprotocol

from grader.checks.examples import Examples
from grader.checks.golden import Golden
from grader.checks.outcome import PASSED, Outcome, from_exception, import_failed
from grader.checks.summary import write_summary
from grader.checks.under_test import SubmissionUnderTest
from grader.course import Check, Course, Exercise, find_course, load_course
from grader.diagnosis import case_of, case_to_json
from grader.errors import GraderError
from grader.port import LearnerError, LearnerStopped, NotStarted, Port, Transport
from grader.port.port import Exchange
from grader.port.replay import Remembered

CHECK = pytest.StashKey[Check]()
UNDER_TEST = pytest.StashKey[SubmissionUnderTest]()
RESULTS = pytest.StashKey[list[tuple[Check, Outcome, str]]]()
OUTCOME = pytest.StashKey[Outcome]()
TRIED = pytest.StashKey[Examples]()
EXAMPLES = 30


def options_for_pytest(course: Course) -> list[str]:
    """Return the options with which pytest runs a course's checks, whatever configuration lies around it."""
    # Without `logging`, which hangs its handlers onto every logger three times a check.
    options = ["-p", __name__, "-p", "no:cacheprovider", "-p", "no:logging", "--import-mode=importlib"]
    options += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]
    return [*options, "-c", os.devnull, "--rootdir", str(course.root), "-o", f"pythonpath={course.root}"]


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("GPT workbook")
    group.addoption("--submission", metavar="DIR", help="the folder whose modules are checked (default: exercises)")
    group.addoption("--all", action="store_true", help="show every failure in full, not only the first")
    group.addoption("--record-golden", metavar="DIR", help="record golden values in a folder, do not compare with them")
    group.addoption("--record-cases", metavar="DIR", help="write down what the checks ask, in a folder")


def pytest_configure(config: pytest.Config) -> None:
    """Find the course; without one the plugin stays out of the way."""
    try:
        course = load_course(find_course(config.rootpath))
    except GraderError as error:
        raise pytest.UsageError(str(error)) from None
    # In a debugger the learner's code is to run for the check alone.
    under_test = SubmissionUnderTest(course, diagnosing=not (config.getoption("usepdb") or config.getoption("trace")))
    named = config.getoption("--submission")
    folder = Path(named or course.stubs)
    if named and not folder.is_dir():
        raise pytest.UsageError(f"{folder} is not a folder. Name one that holds modules: --submission exercises")
    files = {exercise.id: folder.resolve() / f"{exercise.id}.py" for exercise in course.exercises}
    under_test.load({name: path for name, path in files.items() if path.is_file()})
    config.stash[UNDER_TEST] = under_test
    config.stash[RESULTS] = []
    # As where a grade is at stake; on tensors this small, threads that wait for one another cost twenty times the work.
    torch.set_num_threads(1)
    configure_hypothesis()
    # What is there by now stays: pytest and Hypothesis collect garbage several times, and would search all of torch.
    gc.freeze()


def configure_hypothesis(shrink: bool = True) -> None:
    """Make every run the same: no time limit, no database, and draws that depend on the check alone.

    Without `shrink` the first case that fails is told, not the smallest: that is much faster where many checks fail.
    """
    # No `explain`: it traces every line, and multiplies the time that wrong code costs.
    phases = (hypothesis.Phase.explicit, hypothesis.Phase.generate, hypothesis.Phase.shrink)
    hypothesis.settings.register_profile(
        "grader",
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        report_multiple_bugs=False,
        phases=phases if shrink else phases[:-1],
        print_blob=False,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    hypothesis.settings.load_profile("grader")
    _forget_local_constants()


def _forget_local_constants() -> None:
    """Stop Hypothesis from drawing constants that it found in whatever code happens to be imported.

    The learner's own file would otherwise change the examples that it is checked with.
    """
    from hypothesis.internal.conjecture.providers import HypothesisProvider
    from hypothesis.internal.constants_ast import Constants

    empty = Constants()
    HypothesisProvider._local_constants = property(lambda _: empty)  # type: ignore[assignment, method-assign]


def pytest_unconfigure(config: pytest.Config) -> None:
    if UNDER_TEST in config.stash:
        config.stash[UNDER_TEST].close()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Recognise the checks among the tests, and put them in course order."""
    course = config.stash[UNDER_TEST].course
    checks = {(check.path, check.id): check for exercise in course.exercises for check in exercise.checks}
    order = {id(check): place for place, check in enumerate(checks.values())}
    for item in items:
        if not isinstance(item, pytest.Function):
            continue
        check = checks.get((item.path, item.originalname))
        if check is not None:
            item.stash[CHECK] = check
            _begin_each_example(item)
    items.sort(key=lambda item: order[id(item.stash[CHECK])] if CHECK in item.stash else len(order))
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and config.option.tbstyle == "auto" and any(CHECK in item.stash for item in items):
        # Our own summary takes the place of pytest's tracebacks; `--tb=short` brings these back.
        config.option.tbstyle = "no"
        reporter.reportchars = "w"


def _begin_each_example(item: pytest.Function) -> None:
    """Have every example that Hypothesis tries start with fresh ports."""
    handle = getattr(item.obj, "hypothesis", None)
    if handle is None or hasattr(handle.inner_test, "_begins"):
        return
    inner = handle.inner_test

    @functools.wraps(inner)
    def begin(*args: Any, **kwargs: Any) -> Any:
        for value in kwargs.values():
            if isinstance(value, Port):
                value.begin()
        result = inner(*args, **kwargs)
        _write_down(item, kwargs.get("learner"))
        return result

    begin._begins = True  # type: ignore[attr-defined]
    handle.inner_test = begin


@pytest.fixture
def learner(request: pytest.FixtureRequest) -> Port:
    """Return the port to the learner's module for this exercise."""
    return request.config.stash[UNDER_TEST].port(_check(request).exercise)


@pytest.fixture
def reference(request: pytest.FixtureRequest) -> Port:
    """Return the port to the reference solution of this exercise."""
    return request.config.stash[UNDER_TEST].reference(_check(request).exercise)


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """Return the recorded values of this check."""
    check = _check(request)
    record = request.config.getoption("--record-golden")
    folder = Path(record) if record else request.config.stash[UNDER_TEST].course.golden
    return Golden(folder / f"{check.exercise}.json", check.id, record=bool(record))


def _check(request: pytest.FixtureRequest) -> Check:
    check: Check | None = request.node.stash.get(CHECK, None)
    if check is None:
        raise pytest.UsageError(f"{request.node.nodeid} is not a check of an exercise in course.yaml")
    return check


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run a check over the learner's own modules, and where that fails over stand-ins for what its exercise needs."""
    check = pyfuncitem.stash.get(CHECK, None)
    if check is None:
        return None
    under_test = pyfuncitem.config.stash[UNDER_TEST]
    exercise = under_test.course.by_id[check.exercise]
    outcome = run_check(pyfuncitem, check, exercise, under_test)
    pyfuncitem.stash[OUTCOME] = outcome
    return True


def collect(options: list[str], under_test: SubmissionUnderTest) -> list[pytest.Item]:
    """Collect checks that are to be run one by one with `run_item`, as long as this process lives.

    Args:
        options: what would be given to `pytest.main`.
        under_test: on which the learner's modules lie.

    Raises:
        GraderError: a file of checks cannot be imported.
    """
    config = _prepareconfig(options)
    config._do_configure()
    atexit.register(config._ensure_unconfigure)
    session = pytest.Session.from_config(config)
    config.hook.pytest_sessionstart(session=session)
    config.hook.pytest_collection(session=session)
    if session.testsfailed:
        raise GraderError(f"The checks cannot be collected. Run: pytest --collect-only {' '.join(options[-1:])}")
    config.stash[UNDER_TEST] = under_test
    return session.items


def run_item(item: pytest.Item) -> Outcome:
    """Run the check that pytest collected here, outside pytest's own loop, and return what came of it."""
    if OUTCOME in item.stash:
        del item.stash[OUTCOME]
    reports = runtestprotocol(item, log=False, nextitem=None)
    item.config.stash[RESULTS].clear()
    outcomes: list[Outcome] = [report.outcome_of_check for report in reports if hasattr(report, "outcome_of_check")]
    broken = [outcome for outcome in outcomes if outcome.machine]
    fault = Outcome("error", "The check was not run. That is the grader's fault, not yours.", machine=True)
    return broken[0] if broken else outcomes[0] if outcomes else fault


def run_check(item: pytest.Function, check: Check, exercise: Exercise, under_test: SubmissionUnderTest) -> Outcome:
    """Run one check, and say what became of it.

    Raises:
        BaseException: what is neither the learner's failure nor a verdict: Ctrl-C, or a mistake in the check itself.
    """
    if not under_test.has(exercise.id):
        return absent(exercise.id)
    # A part that hangs would only be waited for again.
    if not any(under_test.hangs(needed) for needed in under_test.course.all_needs(exercise.id)):
        own = _attempt(item, check, exercise, under_test, under_test.port(exercise.id))
        if own.value.outcome.status == "passed":
            return own.value.outcome
        if not exercise.needs:
            return _diagnosed(own, check, under_test)
    alone = _attempt(item, check, exercise, under_test, under_test.port_over_standins(exercise.id))
    if alone.value.outcome.status == "passed":
        return dataclasses.replace(alone.value.outcome, over_standins=True)
    return _diagnosed(alone, check, under_test)


def absent(exercise: str) -> Outcome:
    """Return the outcome of every check of an exercise whose module is not there."""
    return Outcome("not_started", f"There is no {exercise}.py in this submission.")


@dataclass(frozen=True)
class _Attempt:
    """What came of a check over one port, and what was said in the case in which it failed."""

    outcome: Outcome
    case: tuple[Exchange, ...] = ()


def _diagnosed(attempt: Remembered[_Attempt], check: Check, under_test: SubmissionUnderTest) -> Outcome:
    outcome = attempt.value.outcome
    if outcome.status != "failed" or not under_test.diagnosing:
        return outcome
    diagnosis = under_test.diagnose(check, attempt.value.case, attempt.path)
    return outcome if diagnosis is None else outcome.diagnosed(diagnosis.misconceptions)


def _attempt(
    item: pytest.Function, check: Check, exercise: Exercise, under_test: SubmissionUnderTest, port: Port
) -> Remembered[_Attempt]:
    if port.deadline.exhausted():
        text = f"Not run: too many calls of {exercise.id}.py did not come back."
        return Remembered(_Attempt(Outcome("timeout", text)), b"")

    def run(transport: Transport) -> _Attempt:
        over = port.over(transport)
        outcome = _run_over(item, check, exercise, over)
        case = tuple(over.exchanges) if outcome.status == "failed" else ()
        if exercise.builtins.names and outcome.status in ("passed", "failed"):
            outcome = dataclasses.replace(outcome, used=tuple(over.used()))
        return _Attempt(outcome, case)

    port.deadline.begin_check()
    about = ("check", exercise.id, check.id)
    return under_test.memory.hold(
        about,
        port.transport,
        port.deadline.left,
        run,
        keep=lambda found: found.outcome.lasts,
        holds=lambda found: bool(found.case),
        forgive=lambda seconds: under_test.forgive(port, seconds),
    )


def _run_over(item: pytest.Function, check: Check, exercise: Exercise, port: Port) -> Outcome:
    try:
        port.begin()
        port.watch(exercise.builtins.names)
        port.load()
    except (LearnerError, LearnerStopped, NotStarted) as error:
        return import_failed(error, exercise.id)
    arguments = {name: item.funcargs[name] for name in item._fixtureinfo.argnames}
    arguments |= {"learner": port} if "learner" in arguments else {}
    for value in arguments.values():
        if isinstance(value, Port):
            value.begin()
    try:
        with _without_tracebacks(item):
            if hasattr(item.obj, "hypothesis"):
                item.stash.setdefault(TRIED, Examples()).run(item.obj, arguments, port.transport)
            else:
                item.obj(**arguments)
    except BaseException as error:
        outcome = from_exception(error, check, exercise, port)
        if outcome is None:
            raise
        return outcome
    if not hasattr(item.obj, "hypothesis"):
        _write_down(item, port)
    return PASSED


@contextlib.contextmanager
def _without_tracebacks(item: pytest.Function) -> Iterator[None]:
    """Keep Hypothesis from having pytest set each failure as text, which nobody reads: a fifth of what it cost."""
    item.repr_failure = lambda *_: ""  # type: ignore[method-assign]
    try:
        yield
    finally:
        del item.repr_failure


def _write_down(item: pytest.Function, port: Port | None) -> None:
    """Write down what a check has asked, where that is wanted."""
    folder = item.config.getoption("--record-cases")
    check = item.stash[CHECK]
    if folder and port is not None:
        path = Path(folder) / f"{check.exercise}.{check.visibility}.jsonl"
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(case_to_json(case_of(check.id, port.exchanges))) + "\n")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a check's outcome into pytest's words; a mistake in a check keeps pytest's own traceback."""
    report = yield
    check = item.stash.get(CHECK, None)
    if check is None or (call.when != "call" and report.passed):
        return report
    outcome = item.stash.get(OUTCOME, None)
    if call.excinfo is not None or outcome is None:
        text = f"The check itself failed, which is not your fault: {call.excinfo.exconly() if call.excinfo else ''}"
        outcome = Outcome("error", text, machine=True)
    elif outcome.status in ("not_started", "skipped"):
        report.outcome = "skipped"
        report.longrepr = (str(check.path), check.line, outcome.message)
    elif outcome.status != "passed":
        report.outcome = "failed"
        report.longrepr = outcome.message
    report.outcome_of_check = outcome  # type: ignore[attr-defined]
    item.config.stash[RESULTS].append((check, outcome, report.capstdout))
    return report


def pytest_report_teststatus(report: pytest.TestReport, config: pytest.Config) -> tuple[str, str, str] | None:
    outcome: Outcome | None = getattr(report, "outcome_of_check", None)
    if outcome is not None and outcome.status == "not_started" and report.when == "call":
        return "not started", "-", "NOT STARTED"
    return None


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    results = config.stash[RESULTS]
    if results and config.option.tbstyle == "no":
        course: Course = config.stash[UNDER_TEST].course
        write_summary(terminalreporter, course, results, everything=bool(config.getoption("--all")))
