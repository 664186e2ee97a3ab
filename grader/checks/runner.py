"""The one way to run checks outside pytest's own loop: collect them once, and run them any number of times.

Grading, `grader watch`, notebooks, the capstone and `grader build` all use it. Only `pytest`, and `grader check`, which
calls `pytest`, run checks in pytest's loop.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Self

import pytest

from grader.checks import plugin
from grader.checks.outcome import NOT_RUN, Outcome
from grader.checks.pytest_internals import configured, run_protocol, unconfigure
from grader.checks.reports_of_pytest import outcome_of
from grader.checks.under_test import SubmissionUnderTest
from grader.course import Check, Course
from grader.errors import GraderError, NotCollected


class Runner:
    """Checks of a course, ready to run on whatever submission is loaded into `under_test`.

    Args:
        course: the course.
        under_test: contains the learner's modules, now or later; `close` closes it, too.
        checks: the checks to run; all checks in their files are collected.
        options: further options for pytest.
        at_once: whether to collect all of them now; if not, those of an exercise when `has` or `run` asks for one.

    Raises:
        NotCollected: pytest can't collect the checks, because a file can't be imported.
    """

    def __init__(
        self,
        course: Course,
        under_test: SubmissionUnderTest,
        checks: Sequence[Check],
        options: Sequence[str] = (),
        at_once: bool = True,
    ) -> None:
        self._course, self._under_test = course, under_test
        self._session: pytest.Session | None = None
        self._items: dict[tuple[str, str], list[pytest.Item]] = {}
        self._not_collected = {check.exercise: _files(checks, check.exercise) for check in checks}
        if checks:
            with self._collecting(_files(checks)) as files:
                # With `-s`, pytest doesn't capture the output; `run` does.
                self._configure([*plugin.options_for_pytest(course), "-p", "no:terminal", "-s", *options, *files])
        if at_once:
            self.collect(*self._not_collected)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def collect(self, *exercises: str) -> None:
        """Collect the checks of these exercises that are not collected yet.

        Raises:
            NotCollected: a file can't be imported.
        """
        files = [path for exercise in exercises for path in self._not_collected.get(exercise, ())]
        if not files or self._session is None:
            return
        session = self._session
        with self._collecting(files) as session.config.args:
            before = session.testsfailed
            session.config.hook.pytest_collection(session=session)
            if failed := session.testsfailed - before:
                raise GraderError(f"{failed} files can't be imported")
        for item in session.items:
            check = item.stash.get(plugin.CHECK, None)
            if check is not None:
                self._items.setdefault((check.exercise, check.id), []).append(item)
        for exercise in exercises:
            self._not_collected.pop(exercise, None)

    def has(self, check: Check) -> bool:
        """Say whether pytest collects a check.

        Raises:
            NotCollected: its file can't be imported.
        """
        self.collect(check.exercise)
        return (check.exercise, check.id) in self._items

    def run(self, check: Check) -> tuple[Outcome, str]:
        """Run a check; return its outcome, and what the learner's code printed.

        Raises:
            NotCollected: its file can't be imported.
        """
        self.collect(check.exercise)
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
        if self._session is not None:
            unconfigure(self._session.config)
        self._under_test.close()

    def _configure(self, options: list[str]) -> None:
        config = configured(options)
        self._session = session = pytest.Session.from_config(config)
        config.stash[plugin.UNDER_TEST] = self._under_test
        config.hook.pytest_sessionstart(session=session)

    @contextlib.contextmanager
    def _collecting(self, files: Sequence[Path]) -> Iterator[list[str]]:
        """Yield check files as arguments for pytest, and say what to do if it can't collect them."""
        try:
            with plugin.files_for_pytest(self._course, files) as arguments:
                yield arguments
        except Exception as error:
            self.close()
            folders = dict.fromkeys(path.parent.relative_to(self._course.root).as_posix() for path in files)
            raise NotCollected(
                f"pytest can't collect the checks ({error}). Run: pytest --collect-only {' '.join(folders)}"
            ) from error


def _files(checks: Sequence[Check], exercise: str = "") -> list[Path]:
    """List the files of an exercise's checks, or of all."""
    return list(dict.fromkeys(check.path for check in checks if exercise in ("", check.exercise)))


def visible(course: Course, exercise: str) -> list[Check]:
    """List the visible checks of an exercise."""
    return [check for check in course.by_id[exercise].checks if check.visibility == "visible"]
