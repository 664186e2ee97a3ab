"""What `pytest` prints at the end of a run: a line for each exercise, the first failure in full, a line for others."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from grader.checks.outcome import Outcome
from grader.course import Check, Course, Exercise
from grader.failures.as_text import FILES, Files, in_brief, message, remark_text
from grader.failures.causes import shared
from grader.failures.repeats import SaidBefore
from grader.failures.rows import OTHER_NAMES
from grader.failures.standins import graded_over_standins
from grader.failures.visible_to_student import Shown, visible_to_student
from grader.text import fitted

MAX_PRINTED_LINES = 5


@dataclass(frozen=True)
class Line:
    """A line of a summary, and whether it is bold."""

    text: str
    bold: bool = False


def write_summary(
    terminal: Any,
    course: Course,
    results: Sequence[tuple[Check, Outcome, str]],
    everything: bool,
    words: Files,
    begun: Mapping[str, str],
) -> None:
    """Write the summary of a run to pytest's terminal reporter, which wraps and indents long lines."""
    width = shutil.get_terminal_size().columns if terminal.isatty else None
    terminal.section(course.title, sep="=")
    for line in summary(course, results, everything, words, begun):
        for part in [line.text] if width is None else fitted(line.text, width):
            terminal.write_line(part, bold=line.bold)


def failure_text(check: Check, outcome: Outcome, words: Files = FILES) -> str:
    """Write a failure in full, for somebody who runs the checks."""
    return "\n".join(message(on_a_terminal(check, outcome), words))


def on_a_terminal(check: Check, outcome: Outcome) -> Shown:
    """Choose what to show in a terminal: whoever can run a hidden check has its file, and may see its case."""
    return visible_to_student(check, outcome, "case")


def summary(
    course: Course,
    results: Sequence[tuple[Check, Outcome, str]],
    everything: bool = False,
    words: Files = FILES,
    begun: Mapping[str, str] = MappingProxyType({}),
) -> list[Line]:
    """Write the summary of a run, as lines of any length.

    Args:
        course: for order and titles.
        results: each check that ran, its outcome, and what the learner's code printed.
        everything: show every failure in full.
        words: what to call the files.
        begun: for each exercise of which a part is written, how much that is and what is next.
    """
    lines: list[Line] = []
    shown_in_full = shown_case = False
    following = ""
    for exercise in course.exercises:
        mine = [(check, outcome, printed) for check, outcome, printed in results if check.exercise == exercise.id]
        if not mine:
            continue
        untouched = all(outcome.status == "not_started" for _, outcome, _ in mine)
        part = begun.get(exercise.id, "")
        if untouched and part:
            lines.append(Line(f"{exercise.id}: no check can run yet; {part}"))
        else:
            standing = tally(exercise, [(check, outcome) for check, outcome, _ in mine])
            lines += [Line(f"{exercise.id}: {standing}"), *([Line(f"  {part}")] if part else [])]
        if not following and untouched and not part:
            following = exercise.id
        if any(outcome.over_standins for _, outcome, _ in mine):
            lines.append(Line(f"  NOTE    {over_standins_in_words([outcome for _, outcome, _ in mine])}"))
        remarks = dict.fromkeys(remark_text(row, words) for _, outcome, _ in mine for row in outcome.remarks)
        lines += [Line(f"  NOTE    {remark}") for remark in remarks]
        shown_messages: set[tuple[str, ...]] = set()
        said_before = SaidBefore()
        causes = shared({check.id: outcome.rows for check, outcome, _ in mine if outcome.status == "failed"})
        shown_causes: set[tuple[str, ...]] = set()
        failed = in_brief_only = 0
        for check, outcome, printed in mine:
            if outcome.status in ("passed", "not_started", "skipped"):
                continue
            failed += 1
            shown = on_a_terminal(check, outcome)
            # Whoever runs a single check again wants to see all of its call.
            text = tuple(message(shown, words, whole=len(mine) == 1))
            word = {"failed": "FAILED", "timeout": "TIMEOUT"}.get(outcome.status, "ERROR")
            cause = None if everything else causes.get(check.id)
            if cause is not None and cause.key in shown_causes:
                in_brief_only += bool(cause.sentence)
                continue
            if cause is not None:
                shown_causes.add(cause.key)
                count = sum(other == cause for other in causes.values())
                if cause.sentence:
                    lines.append(Line(f"  {cause.sentence.format(count=count)}"))
            is_names = outcome.category == OTHER_NAMES
            if everything or not shown_case or is_names:
                lines += [Line(""), *in_full(word, text, printed), Line("")]
                shown_in_full = True
                # What there is to say about names has no case, so the next failure still shows its own.
                shown_case |= not is_names
                shown_messages.add(text)
                said_before.shortened(shown)
            elif text not in shown_messages:
                in_brief_only += 1
                brief = said_before.shortened(shown)
                title, *sentences = in_brief(brief, words)
                reason = " ".join(sentences)
                # A reference to what was said before is too short for a line of its own.
                reference = f"  {reason}" if brief is not shown else ""
                lines.append(Line(f"  {word:<7} {title}  [{check.id}]{reference}"))
                lines += [Line(f"          {reason}")] if reason and not reference else []
        if in_brief_only and words.rerun:
            lines.append(Line(f"  To see all {failed} failures in full: pytest --all -k {exercise.id}"))
    if following and not shown_in_full:
        lesson, editor = words.lesson(following), words.editor(following)
        lines += [Line(""), Line(f"Next: read {lesson}, and write {editor}.")]
    return lines


def over_standins_in_words(outcomes: Sequence[Outcome]) -> str:
    """Say in one sentence why checks were passed only with stand-ins."""
    unwritten = dict.fromkeys(name for outcome in outcomes for name in outcome.unwritten)
    harmful = dict.fromkeys(name for outcome in outcomes for name in outcome.harmful if name not in unwritten)
    all_passed = all(outcome.status == "passed" for outcome in outcomes)
    return graded_over_standins(list(harmful), list(unwritten), all_passed)


def tally(exercise: Exercise, results: Sequence[tuple[Check, Outcome]]) -> str:
    """Say how many of an exercise's checks passed, and how many hidden ones were not run."""
    outcomes = [outcome for _, outcome in results]
    if all(outcome.status == "not_started" for outcome in outcomes):
        return "not started"
    count = sum(outcome.status == "passed" for outcome in outcomes)
    only_visible = all(check.visibility == "visible" for check, _ in results)
    most = sum(check.visibility == "visible" for check in exercise.checks)
    if only_visible and len(results) < most:
        what = "" if count == len(outcomes) else f", and {count or 'none'} of them passed"
        return (
            f"{len(outcomes)} of {most} visible checks ran{what or ' and passed'}; to run all: pytest -k {exercise.id}"
        )
    elsewhere = only_visible and exercise.hidden_checks
    kind = "visible " if elsewhere else ""
    hidden = f"; {exercise.hidden_checks} hidden ones run at grading" if elsewhere else ""
    if count == len(outcomes):
        return f"PASSED, all {count} {kind}checks{hidden}"
    unwritten = sum(outcome.status == "not_started" for outcome in outcomes)
    rest = f", {unwritten} still raise NotImplementedError" if unwritten else ""
    return f"{count} of {len(outcomes)} {kind}checks passed{rest}{hidden}"


def in_full(word: str, text: Sequence[str], printed: str) -> list[Line]:
    """Show a failure in full: its message, then the last lines that the learner's code printed."""
    first, *rest = text
    lines = [Line(f"  {word}  {first}", bold=True), *(Line(f"  {line}") for line in rest)]
    output = printed.strip().splitlines()
    if output:
        more = f", last {MAX_PRINTED_LINES} lines (all of them: pytest -s)" if len(output) > MAX_PRINTED_LINES else ""
        lines.append(Line(f"    your code printed{more}:"))
        lines += [Line(f"    | {line}") for line in output[-MAX_PRINTED_LINES:]]
    return lines
