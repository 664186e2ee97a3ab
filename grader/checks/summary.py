"""What `pytest` prints at the end of a run: each exercise in a line, one failure in full, the others a line each."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from typing import Any

from grader.checks.outcome import Outcome
from grader.course import Check, Course, Exercise
from grader.text import fitted

MAX_PRINTED_LINES = 5


def write_summary(
    terminal: Any, course: Course, results: Sequence[tuple[Check, Outcome, str]], everything: bool
) -> None:
    """Write the summary to pytest's terminal.

    Args:
        terminal: pytest's terminal reporter.
        course: for order and titles.
        results: each check that ran, what became of it, and what the learner's code printed meanwhile.
        everything: show every failure in full.
    """
    terminal = _Fitted(terminal) if getattr(terminal, "isatty", False) else terminal
    shown_in_full = False
    following = ""
    terminal.section(course.title, sep="=")
    for exercise in course.exercises:
        own = [(check, outcome, printed) for check, outcome, printed in results if check.exercise == exercise.id]
        if not own:
            continue
        terminal.write_line(f"{exercise.id}: {tally(exercise, [(check, outcome) for check, outcome, _ in own])}")
        if not following and all(outcome.status == "not_started" for _, outcome, _ in own):
            following = exercise.id
        if any(outcome.over_standins for _, outcome, _ in own):
            needed = " or ".join(f"your {name}" for name in exercise.needs)
            terminal.write_line(f"  NOTE    right in itself (over stand-ins), but it fails together with {needed}")
        said: set[str] = set()
        named: set[tuple[str, ...]] = {()}
        for check, outcome, printed in own:
            if outcome.status in ("passed", "not_started", "skipped"):
                continue
            word = {"failed": "FAILED", "timeout": "TIMEOUT"}.get(outcome.status, "ERROR")
            if everything or not shown_in_full:
                terminal.write_line("")
                _write_failure(terminal, word, outcome, printed)
                terminal.write_line("")
                shown_in_full = True
                said.add(outcome.message)
                named.add(outcome.mistakes)
            elif outcome.message not in said:
                terminal.write_line(f"  {word:<7} {check.title}  [{check.id}]")
                if outcome.mistakes not in named:
                    terminal.write_line(f"          {' '.join(outcome.diagnosis.splitlines())}")
                    named.add(outcome.mistakes)
    if following and not shown_in_full:
        terminal.write_line(f"\nNext: read exercises/{following}.md, and write exercises/{following}.py.")


class _Fitted:
    """A terminal on which long lines go on below their own text, not at the margin."""

    def __init__(self, terminal: Any) -> None:
        self._terminal = terminal

    def section(self, title: str, sep: str = "=") -> None:
        self._terminal.section(title, sep=sep)

    def write_line(self, line: str, **markup: Any) -> None:
        for part in fitted(line, shutil.get_terminal_size().columns):
            self._terminal.write_line(part, **markup)


def tally(exercise: Exercise, results: Sequence[tuple[Check, Outcome]]) -> str:
    """Say in words how many of an exercise's checks passed, and how many hidden ones there are that were not run."""
    outcomes = [outcome for _, outcome in results]
    if all(outcome.status == "not_started" for outcome in outcomes):
        return "not started"
    elsewhere = all(check.visibility == "visible" for check, _ in results) and exercise.hidden_checks
    kind = "visible " if elsewhere else ""
    hidden = f"; {exercise.hidden_checks} hidden run at grading" if elsewhere else ""
    count = sum(outcome.status == "passed" for outcome in outcomes)
    if count == len(outcomes):
        return f"PASSED, all {count} {kind}checks{hidden}"
    unwritten = sum(outcome.status == "not_started" for outcome in outcomes)
    rest = f", {unwritten} still raise NotImplementedError" if unwritten else ""
    return f"{count} of {len(outcomes)} {kind}checks passed{rest}{hidden}"


def _write_failure(terminal: Any, word: str, outcome: Outcome, printed: str) -> None:
    first, *rest = outcome.message.splitlines()
    terminal.write_line(f"  {word}  {first}", bold=True)
    for line in rest:
        terminal.write_line(f"  {line}")
    lines = printed.strip().splitlines()
    if lines:
        more = f", last {MAX_PRINTED_LINES} lines (all of them: pytest -s)" if len(lines) > MAX_PRINTED_LINES else ""
        terminal.write_line(f"    your code printed{more}:")
        for line in lines[-MAX_PRINTED_LINES:]:
            terminal.write_line(f"    | {line}")
