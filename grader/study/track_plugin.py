"""A pytest plugin for a learner's own copy, which runs what somebody means and leaves out what nobody asked for.

An exercise's own file, or its id, means its checks. What is left out is on other tracks and not begun, unless it is
named, and with `-k EXERCISE` the checks of other exercises in whose names the word is, too.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from grader.checks.plugin import CHECK, UNDER_TEST
from grader.course import Course
from grader.study.meant import FILES, closest, numbered
from grader.study.state import load_state
from grader.study.tracks import chosen, is_begun, more_exercises

LEFT_OUT = pytest.StashKey[list[str]]()
"""The ids of the exercises that were left out."""


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Run the checks of an exercise if its own file or its id is named: `pytest layer_norm.py` in exercises/.

    Raises:
        UsageError: there is no such file, and an exercise has nearly the same name.
    """
    course, here = config.stash[UNDER_TEST].course, config.invocation_params.dir
    config.args = [_checks_meant(course, here, argument) for argument in config.args]


def _checks_meant(course: Course, here: Path, argument: str) -> str:
    """Return the checks' file or folder for an argument that means an exercise or all of them, else the argument."""
    path, visible = here / argument, course.check_folder("visible")
    if path.resolve() == course.stubs.resolve():
        return str(visible)
    is_bare = Path(argument).name == argument and not path.exists()
    if not is_bare and path.parent.resolve() != course.stubs.resolve():
        return argument
    name = path.stem if path.suffix in FILES else path.name
    if name in course.by_id:
        return str(visible / f"test_{name}.py")
    if not path.exists() and (probably := closest(course, name)):
        raise pytest.UsageError(f"There is no file {argument} (did you mean `{probably}`?). Type: pytest -k {probably}")
    return argument


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
def pytest_terminal_summary(terminalreporter: Any, exitstatus: int, config: pytest.Config) -> None:
    """Say that there is more, and what to type if no exercise has the name after `-k`."""
    keyword, course = str(config.getoption("keyword")), config.stash[UNDER_TEST].course
    if keyword.isdecimal() and (exercise := numbered(course, int(keyword))) is not None:
        sentence = f"Number {keyword} in `grader progress` is `{exercise.id}`. Type: pytest -k {exercise.id}"
        terminalreporter.write_line(sentence)
    elif exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED and (probably := closest(course, keyword)):
        terminalreporter.write_line(f"Type: pytest -k {probably}")
    count = len(config.stash.get(LEFT_OUT, []))
    if count and not keyword and config.option.tbstyle == "no":
        terminalreporter.write_line(more_exercises(count))
