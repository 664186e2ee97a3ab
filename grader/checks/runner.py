"""The one way to run checks outside pytest's own loop: collect them once, and run them any number of times.

Grading, `grader watch`, notebooks, the capstone and `grader build` all use it. Only `pytest`, and `grader check`, which
calls `pytest`, run checks in pytest's loop.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Sequence
from typing import Self

import pytest

from grader.checks import plugin
from grader.checks.outcome import NOT_RUN, Outcome
from grader.checks.pytest_internals import configured, run_protocol, unconfigure
from grader.checks.reports_of_pytest import outcome_of
from grader.checks.under_test import SubmissionUnderTest
from grader.course import Check, Course
from grader.errors import GraderError


class Runner:
    """Checks of a course, ready to run on whatever submission is loaded into `under_test`.

    Args:
        course: the course.
        under_test: contains the learner's modules, now or later; `close` closes it, too.
        checks: the checks to run; all checks in their files are collected.
        options: further options for pytest.

    Raises:
        GraderError: pytest can't collect the checks, because a file can't be imported.
    """

    def __init__(
        self, course: Course, under_test: SubmissionUnderTest, checks: Sequence[Check], options: Sequence[str] = ()
    ) -> None:
        self._under_test = under_test
        self._config: pytest.Config | None = None
        self._items: dict[tuple[str, str], list[pytest.Item]] = {}
        files = list(dict.fromkeys(check.path for check in checks))
        if not files:
            return
        try:
            # With `-s`, pytest doesn't capture the output; `run` does.
            with plugin.files_for_pytest(course, files) as arguments:
                self._collect([*plugin.options_for_pytest(course), "-p", "no:terminal", "-s", *options, *arguments])
        except Exception as error:
            self.close()
            folders = dict.fromkeys(check.path.parent.relative_to(course.root).as_posix() for check in checks)
            raise GraderError(
                f"pytest can't collect the checks ({error}). Run: pytest --collect-only {' '.join(folders)}"
            ) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def has(self, check: Check) -> bool:
        """Say whether pytest collected a check."""
        return (check.exercise, check.id) in self._items

    def run(self, check: Check) -> tuple[Outcome, str]:
        """Run a check; return its outcome, and what the learner's code printed."""
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            outcome = self._run(check)
        return outcome, printed.getvalue()

    def _run(self, check: Check) -> Outcome:
        outcomes: list[Outcome] = []
        for item in self._items[check.exercise, check.id]:
            if plugin.OUTCOME in item.stash:
                del item.stash[plugin.OUTCOME]
            reports = run_protocol(item)
            outcomes += [outcome for report in reports if (outcome := outcome_of(report)) is not None]
        bad = [outcome for outcome in outcomes if outcome.status != "passed"]
        return next((outcome for outcome in bad if outcome.machine), (bad or outcomes or [NOT_RUN])[0])

    def close(self) -> None:
        """Release everything, including the submission."""
        if self._config is not None:
            unconfigure(self._config)
        self._under_test.close()

    def _collect(self, options: list[str]) -> None:
        self._config = config = configured(options)
        session = pytest.Session.from_config(config)
        config.hook.pytest_sessionstart(session=session)
        config.hook.pytest_collection(session=session)
        if session.testsfailed:
            raise GraderError(f"{session.testsfailed} files can't be imported")
        config.stash[plugin.UNDER_TEST] = self._under_test
        for item in session.items:
            check = item.stash.get(plugin.CHECK, None)
            if check is not None:
                self._items.setdefault((check.exercise, check.id), []).append(item)


def visible(course: Course, exercise: str) -> list[Check]:
    """List the visible checks of an exercise."""
    return [check for check in course.by_id[exercise].checks if check.visibility == "visible"]
