"""What goes out: `results.json`, and a student's feedback, from which nothing hidden leaks."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from grader.course import Course, Exercise, FeedbackLevel
from grader.failures.as_text import in_brief, message
from grader.failures.rows import INSTEAD_OF_TITLE
from grader.failures.visible_to_student import Shown, visible_to_student
from grader.files import short_digest, write_whole
from grader.grading.results import CheckResult, ExerciseResult, Results, SubmissionResult
from grader.reports.score_in_words import account, in_points
from grader.text import printable

RESULTS_FILE = "results.json"
REPORTS_FOLDER = "reports"
MAX_NAME = 255
"""Bytes of a file's name on common systems."""

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
    write_whole(written[0], encoded + b"\n")
    for submission in results.submissions:
        path = reports / file_name(submission.id, ".md")
        path.write_text(feedback(course, submission), encoding="utf-8", newline="\n")
        written.append(path)
    return written


def file_name(submission: str, suffix: str) -> str:
    """Name the file of a submission's report; its id is a folder's name, which a suffix may make too long."""
    name = submission.encode()
    if len(name) + len(suffix) <= MAX_NAME:
        return submission + suffix
    return f"{name[:180].decode(errors='ignore')}-{short_digest(name)}{suffix}"


def feedback(course: Course, submission: SubmissionResult) -> str:
    """Write what a student reads about their submission, as Markdown.

    Of a hidden check it tells no more than `hidden_feedback` in `course.yaml` allows.
    """
    lines = [f"# {course.title}: {_escaped(submission.id, 80)}", ""]
    lines += [f"Score: **{in_points(submission.final_score)} of {in_points(submission.max_score)}**", ""]
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
        points = f"{in_points(result.score)} of {in_points(result.max_score)}"
        lines.append(f"| {exercise.title} | {WORDS[result.status]} | {count_text(result)} | {points} |")
    for exercise in course.exercises:
        level = course.feedback_level(exercise.id, extensions=submission.extensions)
        lines += _exercise_feedback(exercise, submission.exercises[exercise.id], level)
    return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class ToldCheck:
    """What a student reads of one check that did not pass.

    Attributes:
        state: how it stands, in a word.
        sentences: what is told of it: its claim, then what was done or a hint.
        lines: the failing case line by line, where it is shown.
        worth: its points, and whether it is hidden.
    """

    state: str
    sentences: tuple[str, ...]
    lines: tuple[str, ...]
    worth: str


@dataclass(frozen=True)
class ToldExercise:
    """What a student reads of one exercise: sentences (with code between backticks), a text as it is, and checks."""

    sentences: tuple[str, ...]
    text: str = ""
    checks: tuple[ToldCheck, ...] = ()


def told_exercise(exercise: Exercise, result: ExerciseResult, level: FeedbackLevel) -> ToldExercise:
    """Choose what a student reads of an exercise; one failed check is shown with its case, the others briefly.

    Of a hidden check it holds no more than `level` allows.
    """
    notes = tuple(text for text in (result.together, result.builtins) if text)
    if result.status == "passed":
        return ToldExercise((*notes, f"All {len(result.checks)} checks passed."))
    if result.status == "not_started":
        lesson = f"Open `exercises/{exercise.id}.py`; its lesson is `exercises/{exercise.id}.md`."
        return ToldExercise((*notes, lesson))
    wrong = [(check, visible_to_student(check, check, level)) for check in result.checks if check.status != "passed"]
    reason = next((shown for _, shown in wrong if shown.in_full), None)
    if result.status == "error" and reason is not None and _is_about_all_of(wrong):
        return ToldExercise(notes, "\n".join(message(reason)))
    checks: list[ToldCheck] = []
    told_in_full = False
    for check, shown in wrong:
        if check.status in ("failed", "error", "timeout") and shown.in_full and not told_in_full:
            first, *rest = message(shown)
            checks.append(ToldCheck(WORDS[check.status], (first,), tuple(rest), _worth(check)))
            told_in_full = True
        else:
            checks.append(ToldCheck(WORDS[check.status], tuple(in_brief(shown)), (), _worth(check)))
    return ToldExercise(notes, checks=tuple(checks))


def _is_about_all_of(wrong: Sequence[tuple[CheckResult, Shown]]) -> bool:
    """Say whether checks failed for one and the same reason, which isn't about any of them: such as a failed import."""
    first, *others = [check.rows for check, _ in wrong]
    return any(row.kind in INSTEAD_OF_TITLE for row in first) and all(rows == first for rows in others)


def _exercise_feedback(exercise: Exercise, result: ExerciseResult, level: FeedbackLevel) -> list[str]:
    told = told_exercise(exercise, result, level)
    lines = ["", f"## {exercise.title} (`{exercise.id}`): {WORDS[result.status]}", ""]
    lines += [line for sentence in told.sentences for line in (sentence, "")]
    if told.text:
        lines += ["```text", told.text, "```"]
    for check in told.checks:
        lines.append(f"- {check.state}: {' '.join(check.sentences)} ({check.worth})")
        lines += ["", "```text", *check.lines, "```", ""] if check.lines else []
    return lines if told.text or told.checks else lines[:-1]


def _escaped(text: str, limit: int) -> str:
    """Make text from outside harmless in Markdown, and in the HTML that is made of it."""
    marks = re.sub(r"([\\`*_\[\]|~#!])", r"\\\1", printable(text, limit))
    return html.escape(marks, quote=False)


def _worth(check: CheckResult) -> str:
    hidden = ", a hidden check" if check.visibility == "hidden" else ""
    return f"{in_points(check.points)} point{'' if check.points == 1 else 's'}{hidden}"


def tally_of(result: ExerciseResult) -> str:
    """Say how many checks of each sort an exercise passed."""
    points = f"{in_points(result.score)} of {in_points(result.max_score)} points"
    return f"{WORDS[result.status]}: {count_text(result)} checks passed, {points}."


def count_text(result: ExerciseResult) -> str:
    """Say how many visible and hidden checks passed."""
    counts: Sequence[str] = [
        f"{sum(check.status == 'passed' for check in result.checks if check.visibility == visibility)} of "
        f"{sum(check.visibility == visibility for check in result.checks)} {visibility}"
        for visibility in ("visible", "hidden")
        if any(check.visibility == visibility for check in result.checks)
    ]
    return ", ".join(counts)
