"""`grader check`: run the visible checks on a learner's own code with pytest."""

from __future__ import annotations

import contextlib
import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from grader.course import Course
from grader.errors import UsageError
from grader.study.tracks import on_track

if TYPE_CHECKING:
    import pytest


def run_checks(
    course: Course,
    exercise: str | None = None,
    everything: bool = False,
    strict: bool = False,
    hidden: bool = False,
    in_json: bool = False,
    submission: Path | None = None,
) -> int:
    """Run the visible checks of one exercise or of the learner's, print pytest's output, and save what passed.

    Args:
        course: the course.
        exercise: the exercise's id; by default, those on the learner's tracks and those they have begun.
        everything: show every failure in full.
        strict: whether a check that isn't passed, for example because its exercise isn't started, makes the status 1.
        hidden: whether to run the hidden checks as well, of which a failure then shows everything.
        submission: the folder whose modules are checked; by default the learner's own, whose progress is then saved.
        in_json: print the results as JSON instead (`json_answers`); what pytest prints is dropped.

    Returns:
        Pytest's exit status.

    Raises:
        UsageError: this copy has no hidden checks.
    """
    import pytest

    from grader.checks.plugin import files_for_pytest, options_for_pytest

    names = on_track(course, lambda sentence: None).by_id if exercise is None else (exercise,)
    files = [path for e, v, path in course.check_files() if (hidden or v == "visible") and e.id in names]
    if hidden and not course.has_hidden_checks:
        raise UsageError("This copy of the course has no hidden checks. They run where your work is graded.")
    saving = ["-p", "grader.study.recorder"] if submission is None else ["--submission", str(submission)]
    options = [*options_for_pytest(course), *saving, "-q", "--no-header"]
    plugins: list[object] = [_AllPassed()] if strict else []
    if everything:
        options.append("--all")
    with files_for_pytest(course, files) as arguments:
        if not in_json:
            return int(pytest.main([*options, *arguments], plugins))
        answer = _Answer(course, hidden)
        with contextlib.redirect_stdout(io.StringIO()) as dropped:
            status = int(pytest.main([*options, *arguments], [*plugins, answer]))
    if not answer.text:
        # Pytest stopped before it ran anything, and said why.
        print(dropped.getvalue(), end="", file=sys.stderr)
    else:
        print(answer.text)
    return status


class _Answer:
    """A pytest plugin that writes the results of a run as JSON."""

    def __init__(self, course: Course, hidden: bool) -> None:
        self.text = ""
        self._course, self._hidden = course, hidden

    def pytest_unconfigure(self, config: pytest.Config) -> None:
        """Write the answer, once everything else is said."""
        from grader.checks.reports_of_pytest import RESULTS
        from grader.study.json_answers import answer_to_check, as_json
        from grader.study.recorder import SENTENCES

        if RESULTS in config.stash:
            sentences = config.stash.get(SENTENCES, [])
            results = config.stash[RESULTS]
            self.text = as_json(answer_to_check(self._course, results, sentences, self._hidden))


class _AllPassed:
    """A pytest plugin that makes the exit status 1 unless every check passed."""

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Correct the exit status: to pytest, a check of an exercise that isn't started is only skipped."""
        from grader.checks.reports_of_pytest import RESULTS

        outcomes = [outcome for _, outcome, _ in session.config.stash[RESULTS]]
        if session.exitstatus == 0 and not all(outcome.status == "passed" for outcome in outcomes):
            session.exitstatus = 1
