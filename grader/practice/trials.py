"""Tries code: runs the visible checks of an exercise on a text instead of the learner's module."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import tempfile
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import msgspec

from grader.checks.hypothesis_profile import configure_hypothesis
from grader.checks.outcome import CATEGORIES, Outcome
from grader.checks.runner import Runner, visible
from grader.checks.under_test import SubmissionUnderTest
from grader.course import Course
from grader.learner.late_imports import FOR_OPTIMIZERS, import_all

CALL_SECONDS = 3.0
"""The limit for one call, many times what right code needs: an endless loop is no bug to plant."""
LOUD = (CATEGORIES["raised"], "something is missing", "it does not return", "it ends the process")


@dataclass(frozen=True)
class Trial:
    """The outcomes of the visible checks on a text, by check."""

    outcomes: Mapping[str, Outcome]

    @property
    def passes(self) -> bool:
        return all(outcome.status == "passed" for outcome in self.outcomes.values())

    @property
    def fails(self) -> list[str]:
        """List the checks that fail."""
        return [name for name, outcome in self.outcomes.items() if outcome.status != "passed"]

    @property
    def is_broken(self) -> bool:
        """Say whether the text can't be imported, never returns, ends its process, or breaks a check itself."""
        return any(outcome.machine or outcome.status not in ("passed", "failed") for outcome in self.outcomes.values())

    @property
    def is_silent(self) -> bool:
        """Say whether checks fail because of wrong results rather than exceptions, which would name the line."""
        loud = [outcome.status == "failed" and outcome.category in LOUD for outcome in self.outcomes.values()]
        return len(self.fails) >= 2 * sum(loud) and bool(self.fails)


class Trials:
    """The visible checks of an exercise, collected once, to run on any number of texts.

    Args:
        course: the course.
        exercise: the exercise's id.
        others: the files of the other modules, which the text may import.
    """

    def __init__(self, course: Course, exercise: str, others: Mapping[str, Path]) -> None:
        # Otherwise the first optimizer or tensor on another device would import this, and on a slow machine the limit
        # for a call would cut that off in the middle, after which nothing that needs it works.
        import_all(FOR_OPTIMIZERS)
        course = _with_short_calls(course)
        self._exercise, self._others = exercise, others
        self._checks = visible(course, exercise)
        self._under_test = SubmissionUnderTest(course, diagnosing=False)
        self._runner = Runner(course, self._under_test, self._checks)
        self._folder = tempfile.TemporaryDirectory(prefix="bugs-", ignore_cleanup_errors=True)
        # Nobody reads the failing examples, so there is no need to shrink them.
        configure_hypothesis(shrink=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._runner.close()
        self._folder.cleanup()
        configure_hypothesis()

    def accept(self, text: str) -> bool:
        """Say whether all visible checks pass on a text; if not, they run again, with everything imported by then."""
        return self.run(text).passes or self.run(text).passes

    def reject(self, text: str) -> bool:
        """Say whether a visible check fails on a text."""
        return bool(self.run(text, up_to_first=True).fails)

    def run(self, text: str, up_to_first: bool = False) -> Trial:
        """Run all visible checks on a text; after the first one that says the text is broken, the rest are left out.

        Args:
            text: the text.
            up_to_first: whether to stop after the first check that fails.
        """
        path = Path(self._folder.name) / f"{self._exercise}.py"
        path.write_text(text, encoding="utf-8")
        self._under_test.load({**self._others, self._exercise: path})
        outcomes: dict[str, Outcome] = {}
        try:
            with warnings.catch_warnings(action="ignore"), contextlib.redirect_stderr(io.StringIO()):
                for check in self._checks:
                    outcomes[check.id], _ = self._runner.run(check)
                    so_far = Trial(outcomes)
                    if so_far.is_broken or (up_to_first and so_far.fails):
                        break
        finally:
            self._under_test.clear()
        return Trial(outcomes)


def _with_short_calls(course: Course) -> Course:
    """Return the course with a short time limit for each call."""
    limits = [msgspec.structs.replace(each.limits, call=CALL_SECONDS) for each in course.exercises]
    exercises = [dataclasses.replace(e, limits=limit) for e, limit in zip(course.exercises, limits, strict=True)]
    return dataclasses.replace(course, exercises=tuple(exercises))
