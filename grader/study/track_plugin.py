"""A pytest plugin for a learner's own copy, which leaves out what nobody asked for.

That's what is on other tracks and not begun, unless it is named, and with `-k EXERCISE` the checks of other exercises
in whose names the word is, too.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from grader.checks.plugin import CHECK, UNDER_TEST
from grader.study.state import load_state
from grader.study.tracks import chosen, is_begun, more_exercises

LEFT_OUT = pytest.StashKey[list[str]]()
"""The ids of the exercises that were left out."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the checks of other tracks' exercises, and of all exercises but the one that `-k` names."""
    course = config.stash[UNDER_TEST].course
    named_files = {Path(argument.partition("::")[0]).stem for argument in config.args}
    named_with_k = str(config.getoption("keyword"))
    submission = config.getoption("--submission")
    folder = Path(submission).resolve() if submission else None
    on_track = chosen(course, load_state(course, lambda sentence: None))
    left_out = [
        exercise.id
        for exercise in course.exercises
        if exercise.id not in on_track
        and f"test_{exercise.id}" not in named_files
        and exercise.id not in named_with_k
        and not is_begun(course, exercise.id, folder)
    ]
    config.stash[LEFT_OUT] = left_out
    unwanted = [*left_out]
    if named_with_k in course.by_id:
        unwanted += [other for other in course.by_id if other != named_with_k]
    deselected = [item for item in items if CHECK in item.stash and item.stash[CHECK].exercise in unwanted]
    if deselected:
        items[:] = [item for item in items if item not in deselected]
        config.hook.pytest_deselected(items=deselected)


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Say that there is more."""
    count = len(config.stash.get(LEFT_OUT, []))
    if count and not config.getoption("keyword") and config.option.tbstyle == "no":
        terminalreporter.write_line(more_exercises(count))
