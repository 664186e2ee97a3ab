"""One run of a check that pytest collected, over one port.

Every example starts with fresh objects, and what a check asks is written down if an author wants that.
"""

from __future__ import annotations

import functools
import inspect
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from grader.checks.draws import seed_of
from grader.checks.examples import Examples
from grader.checks.outcome import PASSED, Outcome, from_exception, import_failed
from grader.checks.pytest_internals import inner_test, replace_inner_test, without_tracebacks
from grader.checks.roughness import measured_through
from grader.checks.stumble import may_follow_from_a_reply, stumbled
from grader.course import Check, Exercise
from grader.diagnosis import case_of, case_to_json
from grader.port import LearnerError, LearnerRaised, LearnerStopped, NotStarted, Port

ORIGINAL = pytest.StashKey[BaseException | None]()
"""The exception that the learner's code raised in this process, for a debugger."""
_EXAMPLES = pytest.StashKey[Examples]()


def begin_each_example(item: pytest.Function, check: Check) -> None:
    """Have every example that Hypothesis tries start with fresh ports."""
    if not _draws(item) or hasattr(inner_test(item.obj), "_begins"):
        return
    inner = inner_test(item.obj)

    @functools.wraps(inner)
    def begin(*args: Any, **kwargs: Any) -> Any:
        for value in kwargs.values():
            if isinstance(value, Port):
                value.begin()
        result = inner(*args, **kwargs)
        _record_case(item, check, kwargs.get("learner"))
        return result

    hypothesis.seed(seed_of(check))(item.obj)
    begin._begins = True  # type: ignore[attr-defined]
    replace_inner_test(item.obj, begin)


def run_over(
    item: pytest.Function, check: Check, exercise: Exercise, solution: Callable[[], Port | None], port: Port
) -> Outcome:
    """Run a check whose fixtures are set up over a port to the learner's module.

    Args:
        item: the check as pytest has collected it.
        check: the check.
        exercise: its exercise.
        solution: makes a port to the solution, on which a check that falls over a reply is tried; None without one.
        port: the port.

    Raises:
        BaseException: Ctrl-C, or an error in the check itself.
    """
    try:
        port.begin()
        port.watch(exercise.builtins.names)
        remarks = port.load()
    except (LearnerError, LearnerStopped, NotStarted) as error:
        return import_failed(error, exercise)
    return _run_loaded(item, check, exercise, solution, port).remarked(remarks, exercise)


def _run_loaded(
    item: pytest.Function, check: Check, exercise: Exercise, solution: Callable[[], Port | None], port: Port
) -> Outcome:
    arguments = {name: item.funcargs[name] for name in inspect.signature(item.obj).parameters if name in item.funcargs}
    arguments |= {"learner": port} if "learner" in arguments else {}
    _begin(arguments)
    try:
        with without_tracebacks(item), measured_through(port):
            if _draws(item):
                item.stash.setdefault(_EXAMPLES, Examples()).run(item.obj, arguments, port.transport)
            else:
                item.obj(**arguments)
    except BaseException as error:
        item.stash[ORIGINAL] = error.__cause__ if isinstance(error, LearnerRaised) else None
        outcome = from_exception(error, check, exercise, port)
        if outcome is None and may_follow_from_a_reply(error, port):
            answers = solution()
            if answers is None or _passes(item, arguments, answers):
                outcome = from_exception(stumbled(port, answers), check, exercise, port)
        if outcome is None:
            raise
        return outcome
    if not _draws(item):
        _record_case(item, check, port)
    return PASSED


def _begin(arguments: Mapping[str, Any]) -> None:
    for value in arguments.values():
        if isinstance(value, Port):
            value.begin()


def _passes(item: pytest.Function, arguments: Mapping[str, Any], port: Port) -> bool:
    """Say whether a check passes over another port."""
    arguments = {**arguments, "learner": port}
    _begin(arguments)
    try:
        with without_tracebacks(item), measured_through(port):
            item.obj(**arguments)
    except Exception:
        return False
    return True


def _draws(item: pytest.Function) -> bool:
    """Say whether Hypothesis draws the values of a check."""
    return hasattr(item.obj, "hypothesis")


def _record_case(item: pytest.Function, check: Check, port: Port | None) -> None:
    """Record the case of a check if `--record-cases` is given."""
    folder = item.config.getoption("--record-cases")
    if folder and port is not None:
        path = Path(folder) / f"{check.exercise}.{check.visibility}.jsonl"
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(case_to_json(case_of(check.id, port.exchanges))) + "\n")
