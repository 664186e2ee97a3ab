"""The pytest plugin: plain `pytest` runs the visible checks on `exercises/`, and explains the failures in words.

It only takes over the tests that are checks of the course; pytest runs all other tests as usual.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import os
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest
import torch

from grader.checks.golden import Golden
from grader.checks.hypothesis_profile import configure_hypothesis
from grader.checks.outcome import Outcome
from grader.checks.policy import run_check
from grader.checks.reports_of_pytest import RESULTS, Reports, attach, outcome_of, replace_tracebacks
from grader.checks.single_run import ORIGINAL, begin_each_example, run_over
from grader.checks.summary import failure_text, write_summary
from grader.checks.under_test import SubmissionUnderTest
from grader.course import VISIBILITIES, Check, Course, find_course, load_course
from grader.errors import GraderError
from grader.failures.as_text import Files
from grader.failures.rows import Row
from grader.port import Port
from grader.shadows import sentences
from grader.text import did_you_mean

CHECK = pytest.StashKey[Check]()
UNDER_TEST = pytest.StashKey[SubmissionUnderTest]()
FOLDER = pytest.StashKey[Path]()
WORDS = pytest.StashKey[Files]()
BEGUN = pytest.StashKey[Mapping[str, str]]()
"""For each exercise of which a part is written, how much that is and what is next."""
OUTCOME = pytest.StashKey[Outcome]()


def options_for_pytest(course: Course) -> list[str]:
    """Return the options with which pytest runs a course's checks, whatever configuration files are nearby."""
    # No `logging`: it adds its handlers to every logger three times for each check.
    options = ["-p", __name__, "-p", "no:cacheprovider", "-p", "no:logging", "--import-mode=importlib"]
    options += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]
    options += ["-c", os.devnull, "--rootdir", str(course.root), "-o", f"pythonpath={course.root}"]
    return [*options, "--course", str(course.file)]


@contextlib.contextmanager
def files_for_pytest(course: Course, files: Iterable[Path]) -> Iterator[list[str]]:
    """Return check files as pytest's arguments, for the time that it collects them.

    Pytest takes a `[` in an argument for the beginning of a test's parameters. If the course's folder has one in its
    path, that folder becomes the working folder, and the arguments are relative to it.
    """
    if "[" not in str(course.root):
        yield [str(path) for path in files]
        return
    with contextlib.chdir(course.root):
        yield [str(path.relative_to(course.root)) for path in files]


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("grader")
    group.addoption("--course", metavar="FILE", help="the file that describes the course (default: course.yaml)")
    group.addoption("--submission", metavar="DIR", help="the folder whose modules are checked (default: exercises)")
    group.addoption("--all", action="store_true", help="show every failure in full, not only the first")
    group.addoption(
        "--record-golden", metavar="DIR", help="record golden values in this folder instead of comparing with them"
    )
    group.addoption("--record-cases", metavar="DIR", help="record the cases of the checks in this folder")


def pytest_configure(config: pytest.Config) -> None:
    """Load the course, and the modules to check."""
    try:
        named_file = config.getoption("--course")
        # A relative path is meant from where pytest was started; it doesn't change the working folder.
        file = config.invocation_params.dir / named_file if named_file else find_course(config.rootpath)
        course = load_course(file, _named(config.args))
    except GraderError as error:
        raise pytest.UsageError(str(error)) from None
    if config.args_source is pytest.Config.ArgsSource.INVOCATION_DIR and config.invocation_params.dir == course.stubs:
        # Whoever is where the stubs are means the checks on them.
        config.args = [str(course.check_folder("visible"))]
    # In a debugger, the learner's code should only run for the check itself.
    under_test = SubmissionUnderTest(course, diagnosing=not (config.getoption("usepdb") or config.getoption("trace")))
    named = config.getoption("--submission")
    folder = Path(named or course.stubs)
    if named and not folder.is_dir():
        raise pytest.UsageError(f"{folder} is not a folder. Name a folder of modules: --submission exercises")
    folder = folder.resolve()
    under_test.load_folder(folder)
    config.stash[FOLDER] = folder
    config.stash[UNDER_TEST] = under_test
    config.stash[BEGUN] = {}
    config.stash[WORDS] = Files(folder=_seen_from(config.invocation_params.dir, folder))
    config.pluginmanager.register(Reports(config, course), "grader-reports")
    # Grading does the same: on tensors this small, threads waiting for one another take twenty times the actual work.
    torch.set_num_threads(1)
    configure_hypothesis()
    # Don't search all of torch each time that pytest and Hypothesis collect garbage.
    gc.freeze()


def _seen_from(here: Path, folder: Path) -> str:
    """Return the beginning of the paths of a folder's files, as short as an editor's terminal can follow it."""
    try:
        relative = os.path.relpath(folder, here)
    except ValueError:  # another drive
        relative = str(folder)
    relative = min(relative, str(folder), key=len)
    return "" if relative == os.curdir else f"{Path(relative).as_posix()}/"


def _named(arguments: Sequence[str]) -> set[str]:
    """List the exercises whose check files are named on the command line; their checks run even if they are drafts."""
    return {Path(argument.partition("::")[0]).stem.removeprefix("test_") for argument in arguments}


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out the checks of drafts, which may not even be Python yet."""
    course = config.stash[UNDER_TEST].course
    folders = [course.check_folder(visibility) for visibility in VISIBILITIES]
    draft = collection_path.parent in folders and collection_path.stem.removeprefix("test_") in course.drafts
    return True if draft else None


def pytest_unconfigure(config: pytest.Config) -> None:
    if UNDER_TEST in config.stash:
        config.stash[UNDER_TEST].close()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Recognize the checks among the tests, and put them in course order."""
    course = config.stash[UNDER_TEST].course
    checks = {(check.path, check.id): check for exercise in course.exercises for check in exercise.checks}
    order = {id(check): position for position, check in enumerate(checks.values())}
    for item in items:
        if not isinstance(item, pytest.Function):
            continue
        check = checks.get((item.path, item.originalname))
        if check is not None:
            item.stash[CHECK] = check
            begin_each_example(item, check)
    items.sort(key=lambda item: order[id(item.stash[CHECK])] if CHECK in item.stash else len(order))
    if any(CHECK in item.stash for item in items):
        replace_tracebacks(config)


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
        course = request.config.stash[UNDER_TEST].course
        raise pytest.UsageError(f"{request.node.nodeid} is not a check of an exercise in {course.file.name}")
    return check


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run a check with the learner's own modules, and if it fails, again with stand-ins for what its exercise needs."""
    check = pyfuncitem.stash.get(CHECK, None)
    if check is None:
        return None
    under_test = pyfuncitem.config.stash[UNDER_TEST]
    exercise = under_test.course.by_id[check.exercise]
    run = functools.partial(run_over, pyfuncitem, check, exercise, lambda: under_test.solution(exercise.id))
    pyfuncitem.stash[OUTCOME] = outcome = run_check(check, exercise, under_test, run)
    original = pyfuncitem.stash.get(ORIGINAL, None)
    if outcome.status == "failed" and original is not None and pyfuncitem.config.getoption("usepdb"):
        # Pytest's debugger opens where an exception was raised: in the learner's last line, not in torch's.
        raise original.with_traceback(_of_folder(original.__traceback__, pyfuncitem.config.stash[FOLDER]))
    return True


def _of_folder(traceback: TracebackType | None, folder: Path) -> TracebackType | None:
    """Return a traceback of those frames only whose code is in a folder."""
    if traceback is None:
        return None
    following = _of_folder(traceback.tb_next, folder)
    if folder not in Path(traceback.tb_frame.f_code.co_filename).parents:
        return following
    return TracebackType(following, traceback.tb_frame, traceback.tb_lasti, traceback.tb_lineno)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a check's outcome into pytest's report; an error in the check itself keeps pytest's own traceback."""
    report = yield
    check = item.stash.get(CHECK, None)
    if check is None or (call.when != "call" and report.passed):
        return report
    outcome = item.stash.get(OUTCOME, None)
    is_broken = call.excinfo is not None and call.excinfo.value is not item.stash.get(ORIGINAL, None)
    if is_broken or outcome is None:
        text = call.excinfo.exconly() if call.excinfo is not None else ""
        outcome = Outcome("error", (Row("broken", tuple(text.splitlines())),), machine=True)
    elif outcome.status in ("not_started", "skipped"):
        report.outcome = "skipped"
        report.longrepr = (str(check.path), check.line, failure_text(check, outcome, item.config.stash[WORDS]))
    elif outcome.status != "passed":
        report.outcome = "failed"
        report.longrepr = failure_text(check, outcome, item.config.stash[WORDS])
    attach(report, (check.exercise, check.id), outcome)
    return report


def pytest_report_teststatus(report: pytest.TestReport, config: pytest.Config) -> tuple[str, str, str] | None:
    outcome = outcome_of(report)
    if outcome is not None and outcome.status == "not_started" and report.when == "call":
        return "not started", "-", "NOT STARTED"
    return None


def pytest_terminal_summary(terminalreporter: Any, exitstatus: int, config: pytest.Config) -> None:
    results = config.stash[RESULTS]
    keyword = config.getoption("keyword")
    if keyword and exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED:
        exercises = [exercise.id for exercise in config.stash[UNDER_TEST].course.exercises]
        hint = did_you_mean(keyword, exercises)
        terminalreporter.write_line(f"No check has {keyword!r} in its name{hint}. Exercises: {', '.join(exercises)}.")
    if results and config.option.tbstyle == "no":
        course: Course = config.stash[UNDER_TEST].course
        everything = bool(config.getoption("--all"))
        write_summary(terminalreporter, course, results, everything, config.stash[WORDS], config.stash[BEGUN])
        for sentence in sentences([course.root, config.invocation_params.dir]):
            terminalreporter.write_line(sentence)
