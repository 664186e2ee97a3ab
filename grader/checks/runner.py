"""Checks that are collected once and run again and again in one process, outside pytest's own loop."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Sequence

import pytest

from grader.checks import plugin
from grader.checks.outcome import Outcome
from grader.checks.under_test import SubmissionUnderTest
from grader.course import Check, Course


class Runner:
    """The visible checks of some exercises, ready to run on whatever lies on a bench.

    Args:
        course: the course.
        under_test: on which the learner's modules lie, now or later.
        exercises: the ids of those whose checks are collected.

    Raises:
        GraderError: a file of checks cannot be imported.
    """

    def __init__(self, course: Course, under_test: SubmissionUnderTest, exercises: Sequence[str]) -> None:
        paths = {check.path: None for name in exercises for check in visible(course, name)}
        options = [*plugin.options_for_pytest(course), "-p", "no:terminal", "-s", *map(str, paths)]
        items = plugin.collect(options, under_test) if paths else []
        self._items: dict[tuple[str, str], pytest.Item] = {}
        for item in items:
            check = item.stash.get(plugin.CHECK, None)
            if check is not None:
                self._items[check.exercise, check.id] = item

    def run(self, check: Check) -> tuple[Outcome, str]:
        """Run a check; return what became of it, and what the learner's code printed meanwhile."""
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            outcome = plugin.run_item(self._items[check.exercise, check.id])
        return outcome, printed.getvalue()


def visible(course: Course, exercise: str) -> list[Check]:
    """List the visible checks of an exercise."""
    return [check for check in course.by_id[exercise].checks if check.visibility == "visible"]
