"""The outcomes of checks in pytest's reports: collected for the summary, also from the processes of pytest-xdist."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any

import msgspec
import pytest

from grader.checks.outcome import Outcome
from grader.course import Check, Course

RESULTS = pytest.StashKey[list[tuple[Check, Outcome, str]]]()
"""The checks that were run, in course order, each with its outcome and what the learner's code printed."""
_OUTCOME, _CHECK = "outcome_of_check", "id_of_check"


class Reports:
    """A pytest plugin that collects outcomes.

    With `pytest -n 2`, the checks run in other processes, and only reports come back, as plain data.

    Args:
        config: pytest's configuration.
        course: the course.
    """

    def __init__(self, config: pytest.Config, course: Course) -> None:
        self._config = config
        self._checks = {(check.exercise, check.id): check for exercise in course.exercises for check in exercise.checks}
        self._order = {key: position for position, key in enumerate(self._checks)}
        config.stash[RESULTS] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Collect an outcome."""
        outcome = outcome_of(report)
        check = self._checks.get(getattr(report, _CHECK, ("", "")))
        if outcome is None or check is None:
            return
        results = self._config.stash[RESULTS]
        results.append((check, outcome, report.capstdout))
        # Several processes end their checks in any order.
        results.sort(key=lambda result: self._order[result[0].exercise, result[0].id])
        replace_tracebacks(self._config)

    @pytest.hookimpl(wrapper=True)
    def pytest_report_to_serializable(
        self, report: pytest.TestReport | pytest.CollectReport
    ) -> Generator[None, dict[str, Any] | None, dict[str, Any] | None]:
        """Turn an outcome into plain data."""
        data = yield
        outcome = outcome_of(report)
        if data is not None and outcome is not None:
            data |= {_OUTCOME: msgspec.json.encode(outcome).decode(), _CHECK: list(getattr(report, _CHECK))}
        return data

    @pytest.hookimpl(wrapper=True)
    def pytest_report_from_serializable(
        self, data: dict[str, Any]
    ) -> Generator[
        None, pytest.TestReport | pytest.CollectReport | None, pytest.TestReport | pytest.CollectReport | None
    ]:
        """Turn plain data into an outcome."""
        outcome, check = data.pop(_OUTCOME, None), data.pop(_CHECK, None)
        report = yield
        if isinstance(report, pytest.TestReport) and outcome is not None and check is not None:
            attach(report, tuple(check), msgspec.json.decode(outcome, type=Outcome))
        return report


def attach(report: pytest.TestReport, check: Sequence[str], outcome: Outcome) -> None:
    """Attach to a report the outcome of a check, which is named by its exercise and its id."""
    setattr(report, _OUTCOME, outcome)
    setattr(report, _CHECK, tuple(check))


def outcome_of(report: pytest.TestReport | pytest.CollectReport) -> Outcome | None:
    """Return the outcome of the check that a report is about; None if it is about another test."""
    return getattr(report, _OUTCOME, None)


def replace_tracebacks(config: pytest.Config) -> None:
    """Have our summary replace pytest's tracebacks; `--tb=short` brings them back."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and config.option.tbstyle == "auto":
        config.option.tbstyle = "no"
        reporter.reportchars = "w"


def is_part_of_a_run(config: pytest.Config) -> bool:
    """Say whether this is a process of pytest-xdist, which runs only some of the checks."""
    return hasattr(config, "workerinput")
