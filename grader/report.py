"""What goes out: `results.json`, the class table, and a student's feedback, from which nothing hidden leaks."""

from __future__ import annotations

import html
import os
import re
from collections.abc import Sequence
from pathlib import Path

import msgspec
from rich.table import Table
from rich.text import Text

from grader.checks.show import printable
from grader.course import Course, Exercise, Telling
from grader.marks import account, is_adjusted
from grader.marks import in_points as _points
from grader.verdict import CheckResult, ExerciseResult, Results, SubmissionResult

RESULTS_FILE = "results.json"
REPORTS_FOLDER = "reports"

WORDS = {
    "passed": "PASSED",
    "failed": "FAILED",
    "error": "ERROR",
    "timeout": "TIMEOUT",
    "skipped": "SKIPPED",
    "not_started": "NOT STARTED",
}


def write_reports(course: Course, results: Results, folder: Path) -> list[Path]:
    """Write `results.json` and one feedback file per submission; return the paths."""
    reports = folder / REPORTS_FOLDER
    reports.mkdir(parents=True, exist_ok=True)
    written = [folder / RESULTS_FILE]
    encoded = msgspec.json.format(msgspec.json.encode(results), indent=1)
    # The file of an earlier run gives way to a whole one alone.
    fresh = folder / f".{RESULTS_FILE}.new"
    fresh.write_bytes(encoded + b"\n")
    os.replace(fresh, written[0])
    for submission in results.submissions:
        path = reports / f"{submission.id}.md"
        path.write_text(feedback(course, submission), encoding="utf-8", newline="\n")
        written.append(path)
    return written


def class_table(course: Course, results: Results) -> Table:
    """Make the table of a class: a row per submission, a column per exercise, states in words."""
    table = Table(title=Text(f"{course.title}: {len(results.submissions)} submissions"), title_justify="left")
    table.add_column("submission", no_wrap=True)
    for exercise in course.exercises:
        table.add_column(exercise.id.replace("_", " "), justify="right", overflow="fold")
    table.add_column("score", justify="right", no_wrap=True)
    changed = any(is_adjusted(submission) for submission in results.submissions)
    if changed:
        table.add_column("final", justify="right", no_wrap=True)
    for submission in results.submissions:
        cells = [_cell(submission.exercises[exercise.id]) for exercise in course.exercises]
        total = f"{_points(submission.score)} of {_points(submission.max_score)}"
        final = [_points(submission.final_score)] if changed else []
        table.add_row(Text(printable(submission.id, 40)), *cells, total, *final)
    return table


def feedback(course: Course, submission: SubmissionResult) -> str:
    """Write what a student reads about their submission, as Markdown.

    Of a hidden check it tells no more than `hidden_feedback` in `course.yaml` allows.
    """
    lines = [f"# {course.title}: {_escaped(submission.id, 80)}", ""]
    lines += [f"Score: **{_points(submission.final_score)} of {_points(submission.max_score)}**", ""]
    lines += account(course, submission)
    if not submission.sandboxed:
        lines += ["Graded without a sandbox.", ""]
    if submission.fault:
        lines += ["Part of this could not be graded, through a fault of the grader, not of yours.", ""]
    lines += [f"- {_escaped(note, 400)}" for note in submission.notes]
    lines += [""] if submission.notes else []
    lines += ["| exercise | state | checks | points |", "| --- | --- | --- | --- |"]
    for exercise in course.exercises:
        result = submission.exercises[exercise.id]
        points = f"{_points(result.score)} of {_points(result.max_score)}"
        lines.append(f"| {exercise.title} | {WORDS[result.status]} | {_count(result)} | {points} |")
    for exercise in course.exercises:
        telling = course.tells(exercise.id, extensions=submission.extensions)
        lines += _exercise_feedback(exercise, submission.exercises[exercise.id], telling)
    return "\n".join(lines) + "\n"


def _exercise_feedback(exercise: Exercise, result: ExerciseResult, telling: Telling) -> list[str]:
    lines = ["", f"## {exercise.title} (`{exercise.id}`): {WORDS[result.status]}", ""]
    lines += [note for text in (result.together, result.builtins) if text for note in (text, "")]
    if result.status == "passed":
        return [*lines, f"All {len(result.checks)} checks passed."]
    if result.status == "not_started":
        return [*lines, f"Open `exercises/{exercise.id}.py`; its lesson is `exercises/{exercise.id}.md`."]
    wrong = [check for check in result.checks if check.status != "passed"]
    if result.status == "error" and len({check.message for check in wrong}) == 1:
        return [*lines, "```text", wrong[0].message, "```"]
    told_in_full = False
    for check in wrong:
        told = told_of(check, telling)
        if check.status in ("failed", "error", "timeout") and told and not told_in_full:
            first, *rest = told.splitlines()
            lines += [f"- {WORDS[check.status]}: {first} ({_worth(check)})", "", "```text", *rest, "```", ""]
            told_in_full = True
        else:
            lines.append(f"- {WORDS[check.status]}: {' '.join(told_briefly(check, telling))} ({_worth(check)})")
    return lines


def told_of(check: CheckResult, telling: Telling) -> str:
    """Return the part of a check's message that a student may read; empty where there is none.

    Args:
        check: what became of the check.
        telling: how much is told of a hidden one.
    """
    if check.visibility == "visible" or telling == "case":
        return check.message
    if telling == "message":
        return "\n".join(_without_the_case(check.message.splitlines()))
    return ""


def told_briefly(check: CheckResult, telling: Telling) -> list[str]:
    """Return what a student may read of a check where its message is not shown, as sentences."""
    if check.visibility == "hidden" and telling == "category":
        return [f"A hidden check: {check.category}." if check.category else "A hidden check."]
    about = (check.diagnosis or check.hint).splitlines() if check.status == "failed" else []
    return [check.title, *about]


def _without_the_case(lines: Sequence[str]) -> list[str]:
    """Leave out of a message what was called and what was due, with the lines that continue it."""
    kept: list[str] = []
    label = ""
    for line in lines:
        if line[:2] == "  " and line[2:3] not in ("", " "):
            label = line.split()[0]
        if label not in ("called", "expected", "differs", "weights"):
            kept.append(line)
    return kept


def _escaped(text: str, limit: int) -> str:
    """Make text from outside harmless in Markdown, and in the HTML that is made of it."""
    marks = re.sub(r"([\\`*_\[\]|~#!])", r"\\\1", printable(text, limit))
    return html.escape(marks, quote=False)


def _worth(check: CheckResult) -> str:
    hidden = ", a hidden check" if check.visibility == "hidden" else ""
    return f"{_points(check.points)} point{'' if check.points == 1 else 's'}{hidden}"


def _cell(result: ExerciseResult) -> Text:
    if result.status == "not_started":
        return Text("not started", style="dim")
    score = f"{_points(result.score)}/{_points(result.max_score)}"
    style = {"passed": "green", "error": "bold red"}.get(result.status, "red")
    note = " *" if result.together else ""
    return Text(f"{result.status}{note}\n{score}", style=style)


def tally_of(result: ExerciseResult) -> str:
    """Say how many checks of each sort an exercise passed."""
    points = f"{_points(result.score)} of {_points(result.max_score)} points"
    return f"{WORDS[result.status]}: {_count(result)} checks passed, {points}."


def _count(result: ExerciseResult) -> str:
    counts: Sequence[str] = [
        f"{sum(check.status == 'passed' for check in result.checks if check.visibility == visibility)} of "
        f"{sum(check.visibility == visibility for check in result.checks)} {visibility}"
        for visibility in ("visible", "hidden")
        if any(check.visibility == visibility for check in result.checks)
    ]
    return ", ".join(counts)
