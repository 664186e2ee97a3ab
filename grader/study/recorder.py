"""A pytest plugin for a learner's own copy: it turns the results of checks into checkpoints and progress.

It uses the results of `grader.checks.plugin`, and does nothing if pytest runs on a submission.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from grader.checks.outcome import Outcome
from grader.checks.plugin import BEGUN, UNDER_TEST, WORDS
from grader.checks.reports_of_pytest import RESULTS, is_part_of_a_run
from grader.course import Check, Course
from grader.errors import GraderError
from grader.study.folder import read
from grader.study.last_cases import save_last_cases
from grader.study.last_failure import save_last_failure
from grader.study.next_steps import finished, is_finished, milestones_after
from grader.study.record import record
from grader.study.sightings import sightings
from grader.study.state import load_state
from grader.study.tracks import on_track
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
        sentences += _about_passed(course, passed, all(outcome.status == "passed" for _, outcome in results))
    if config.stash[OWN] and results:
        sentences += _about_last_failure(course, results, config.invocation_params.dir)
        with contextlib.suppress(GraderError):
            # A question can do without a case, and that nothing could be saved was already said.
            save_last_cases(course, results)


def _about_passed(course: Course, passed: Sequence[str], everything: bool) -> list[str]:
    """Say what comes next after a run.

    Args:
        course: the course.
        passed: the exercises that passed for the first time, or again after a change.
        everything: whether all checks of the run passed.
    """
    sentences = [f"Checkpoint: {name}. What next? grader progress" for name in passed]
    following = _at_the_end(course) if everything else []
    if following:
        return [*sentences, *(following if passed else [f"{following[0]} What next? grader progress"])]
    return sentences + [line for name in passed for line in milestones_after(course, name)]


def _at_the_end(course: Course) -> list[str]:
    """Say what follows once everything on the learner's tracks has passed; nothing before that."""
    on_tracks = on_track(course, lambda sentence: None)
    state = load_state(course, lambda sentence: None)
    return finished(on_tracks, state) if is_finished(on_tracks, state) else []


def _about_last_failure(course: Course, results: Sequence[tuple[Check, Outcome]], here: Path) -> list[str]:
    try:
        sentence = save_last_failure(course, results, here)
    except GraderError as error:
        return [f"The first failure was not saved as a program: {error}"]
    return [sentence] if sentence else []


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Print the sentences below the summary of the checks."""
    for sentence in config.stash.get(SENTENCES, []) if config.option.tbstyle == "no" else []:
        terminalreporter.write_line(sentence)
