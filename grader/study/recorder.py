"""A pytest plugin for a learner's own copy: what the checks find becomes checkpoints and progress.

It works on what `grader.checks.plugin` found; where a submission is looked at, it stays out of the way.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from grader.checks.plugin import RESULTS, UNDER_TEST
from grader.errors import GraderError
from grader.study.folder import read
from grader.study.record import record
from grader.study.sightings import sightings

OWN = pytest.StashKey[Mapping[str, bytes]]()
"""The learner's own files as they were when pytest began; empty where a submission is looked at."""
SENTENCES = pytest.StashKey[list[str]]()
"""What is to be said of the learner's way at the end."""


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Read the learner's own files before any of them runs."""
    course = config.stash[UNDER_TEST].course
    names = [] if config.getoption("--submission") else [exercise.id for exercise in course.exercises]
    config.stash[OWN] = {name: content for name in names if (content := read(course.stubs / f"{name}.py"))}


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write down what was found on the learner's own work: what passed is a checkpoint."""
    config = session.config
    course, sentences = config.stash[UNDER_TEST].course, config.stash.setdefault(SENTENCES, [])
    seen = sightings(config.stash[OWN], [(check, outcome) for check, outcome, _ in config.stash[RESULTS]])
    try:
        passed = record(course, seen, sentences.append)
    except GraderError as error:
        sentences.append(f"Progress was not saved: {error}")
    else:
        sentences += [f"Saved a checkpoint of {name}. What's next? grader progress" for name in passed]


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Say it below the summary of the checks."""
    for sentence in config.stash.get(SENTENCES, []) if config.option.tbstyle == "no" else []:
        terminalreporter.write_line(sentence)
