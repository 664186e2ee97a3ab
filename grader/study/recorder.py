"""A pytest plugin for a learner's own copy: it turns the results of checks into checkpoints and progress.

It uses the results of `grader.checks.plugin`, and does nothing if pytest runs on a submission.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from grader.checks.outcome import Outcome
from grader.checks.plugin import BEGUN, UNDER_TEST, WORDS
from grader.checks.reports_of_pytest import RESULTS, is_part_of_a_run
from grader.course import Check, Course
from grader.errors import GraderError
from grader.study.folder import read
from grader.study.last_failure import save_last_failure
from grader.study.progress import milestones_after
from grader.study.record import record
from grader.study.sightings import sightings
from grader.study.written import written

OWN = pytest.StashKey[Mapping[str, bytes]]()
"""The learner's own files as they were when pytest began; empty if pytest runs on a submission."""
SENTENCES = pytest.StashKey[list[str]]()
"""Sentences about the learner's progress, printed at the end."""


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Read the learner's own files before any of them runs."""
    course = config.stash[UNDER_TEST].course
    names = [] if config.getoption("--submission") else [exercise.id for exercise in course.exercises]
    config.stash[OWN] = own = {name: content for name in names if (content := read(course.stubs / f"{name}.py"))}
    parts = {name: part for name, content in own.items() if (part := written(course, name, content)) is not None}
    config.stash[BEGUN] = {
        name: f"{part}: {config.stash[WORDS].place(name, part.line)}" for name, part in parts.items()
    }


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Save the results for the learner's own code; an exercise that passes becomes a checkpoint."""
    config = session.config
    if is_part_of_a_run(config):
        return
    course, sentences = config.stash[UNDER_TEST].course, config.stash.setdefault(SENTENCES, [])
    results = [(check, outcome) for check, outcome, _ in config.stash[RESULTS]]
    seen = sightings(config.stash[OWN], results)
    try:
        passed = record(course, seen, sentences.append)
    except GraderError as error:
        sentences.append(f"Progress was not saved: {error}")
    else:
        sentences += [f"Checkpoint: {name}. What next? grader progress" for name in passed]
        sentences += [line for name in passed for line in milestones_after(course, name)]
    if config.stash[OWN] and results:
        sentences += _about_last_failure(course, results)


def _about_last_failure(course: Course, results: Sequence[tuple[Check, Outcome]]) -> list[str]:
    try:
        sentence = save_last_failure(course, results)
    except GraderError as error:
        return [f"The first failure was not saved as a program: {error}"]
    return [sentence] if sentence else []


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Print the sentences below the summary of the checks."""
    for sentence in config.stash.get(SENTENCES, []) if config.option.tbstyle == "no" else []:
        terminalreporter.write_line(sentence)
