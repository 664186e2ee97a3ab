"""`results.json`, and each student's feedback, which reveals nothing hidden."""

from __future__ import annotations

import html
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from grader.course import Course, Exercise, FeedbackLevel, added
from grader.failures.as_text import in_brief, message, rows_as_text
from grader.failures.causes import Cause, shared
from grader.failures.repeats import SaidBefore
from grader.failures.rows import INSTEAD_OF_TITLE, OTHER_NAMES
from grader.failures.visible_to_student import Shown, visible_to_student
from grader.files import short_digest
from grader.grading.results import CheckResult, ExerciseResult, Results, SubmissionResult
from grader.reports.members import own_reports
from grader.reports.questions import questions_as_markdown
from grader.reports.roster import Roster
from grader.reports.score_in_words import FAULT, NOT_SANDBOXED, account, exercise_notes, in_points
from grader.text import printable
from grader.writing import make_folder, write_report

RESULTS_FILE = "results.json"
REPORTS_FOLDER = "reports"
MAX_NAME = 255
"""Bytes that the name of a file may have on common systems."""

ABOUT_A_CAUSE = frozenset({*INSTEAD_OF_TITLE, "called", "raised", "at", "same_mistake", "see", "rerun"})
"""The kinds of row that say why several checks fail at once."""

WORDS = {
    "passed": "PASSED",
    "failed": "FAILED",
    "error": "ERROR",
    "timeout": "TIMEOUT",
    "skipped": "SKIPPED",
    "not_started": "NOT STARTED",
}


def write_results(results: Results, folder: Path) -> None:
    """Write `results.json` to a folder, which is created if it doesn't exist."""
    make_folder(folder)
    encoded = msgspec.json.format(msgspec.json.encode(results), indent=1)
    write_report(folder / RESULTS_FILE, encoded + b"\n")


def write_feedback(course: Course, results: Results, folder: Path, roster: Roster | None = None) -> list[Path]:
    """Write a feedback file for each submission; return the paths.

    Args:
        course: the course.
        results: the results of grading.
        folder: the folder for the files.
        roster: the people behind the submissions' ids, if they are known.
    """
    reports = folder / REPORTS_FOLDER
    make_folder(reports)
    written = []
    for submission in results.submissions:
        path = report_path(reports, submission.id, ".md")
        write_report(path, feedback(course, submission, roster))
        written.append(path)
        for name, own in own_reports(submission, roster or Roster()).items():
            written.append(report_path(reports, name, ".md"))
            write_report(written[-1], feedback(course, own, roster))
    return written


def file_name(submission: str, suffix: str) -> str:
    """Return the file name of a submission's report: its id, shortened if the suffix would make the name too long."""
    name = submission.encode()
    if len(name) + len(suffix) <= MAX_NAME:
        return submission + suffix
    return f"{name[:180].decode(errors='ignore')}-{short_digest(name)}{suffix}"


def report_path(folder: Path, submission: str, suffix: str) -> Path:
    """Return the path of a submission's report; its name is UTF-8 on the disk, whatever the system's encoding."""
    return folder / os.fsdecode(file_name(submission, suffix).encode())


def feedback(course: Course, submission: SubmissionResult, roster: Roster | None = None) -> str:
    """Write a student's feedback as Markdown.

    It reveals no more of a hidden check than `hidden_feedback` in `course.yaml` allows.
    """
    who = (roster or Roster()).label(submission.id)
    lines = [f"# {course.title}: {_escaped(who, 160)}", ""]
    lines += [f"Score: **{in_points(submission.final_score)} of {in_points(submission.max_score)}**", ""]
    lines += account(course, submission)
    lines += questions_as_markdown(course, submission)
    lines += ["## Results", ""] if submission.questions else []
    if not submission.sandboxed:
        lines += [NOT_SANDBOXED, ""]
    if submission.fault:
        lines += [FAULT, ""]
    lines += ["About your files:", ""] if submission.remarks else []
    lines += [f"- {_escaped(note, 400)}" for note in submission.remarks]
    lines += [""] if submission.remarks else []
    lines += ["| exercise | status | checks passed | points |", "| --- | --- | --- | --- |"]
    for exercise in course.exercises:
        result = submission.exercises[exercise.id]
        points = f"{in_points(result.score)} of {in_points(result.max_score)}"
        lines.append(f"| {exercise.title} | {WORDS[result.status]} | {count_text(result)} | {points} |")
    waiting = not_started(course, submission)
    for exercise in course.exercises:
        level = course.feedback_level(exercise.id, extensions=submission.extensions)
        if exercise not in waiting:
            lines += _exercise_as_markdown(exercise, submission.exercises[exercise.id], level)
    lines += ["", "## Not started", "", how_to_start(waiting)] if waiting else []
    return "\n".join(lines) + "\n"


def not_started(course: Course, submission: SubmissionResult) -> list[Exercise]:
    """List the exercises about which there is nothing to say, except how to start them."""
    results = submission.exercises
    waiting = [exercise for exercise in course.exercises if results[exercise.id].status == "not_started"]
    return [exercise for exercise in waiting if not exercise_notes(results[exercise.id])]


def how_to_start(exercises: Sequence[Exercise]) -> str:
    """Say in one sentence which exercises are not started, and how to start one."""
    ids = ", ".join(f"`{exercise.id}`" for exercise in exercises)
    example = exercises[0].id
    return f"{ids}. To start `{example}`, read `exercises/{example}.md` and open `exercises/{example}.py`."


@dataclass(frozen=True)
class CheckFeedback:
    """What a student reads about one check that did not pass.

    Attributes:
        status: its status, in a word.
        sentences: its title, then the mistake or a hint.
        lines: the failing case line by line, if it is shown.
        worth: its points, and whether it is hidden.
    """

    status: str
    sentences: tuple[str, ...]
    lines: tuple[str, ...]
    worth: str


@dataclass(frozen=True)
class ExerciseFeedback:
    """What a student reads about one exercise: sentences (with code in backticks), preformatted text, and checks."""

    sentences: tuple[str, ...]
    text: str = ""
    checks: tuple[CheckFeedback, ...] = ()


def exercise_feedback(exercise: Exercise, result: ExerciseResult, level: FeedbackLevel) -> ExerciseFeedback:
    """Choose what a student reads about an exercise: one failed check with its case, the others briefly.

    It reveals no more of a hidden check than `level` allows.
    """
    notes = tuple(exercise_notes(result))
    if result.status == "passed":
        return ExerciseFeedback((*notes, f"All {len(result.checks)} checks passed."))
    if result.status == "not_started":
        start = f"To start, read `exercises/{exercise.id}.md` and open `exercises/{exercise.id}.py`."
        return ExerciseFeedback((*notes, start))
    failures = [(check, visible_to_student(check, check, level)) for check in result.checks if check.status != "passed"]
    reason = next((shown for _, shown in failures if shown.in_full), None)
    if result.status == "error" and reason is not None and _have_one_reason(failures):
        return ExerciseFeedback(notes, "\n".join(message(reason)))
    causes = shared({check.id: check.rows for check, shown in failures if shown.title})
    checks: list[CheckFeedback] = []
    shown_causes: set[tuple[str, ...]] = set()
    has_full_one = False
    said_before = SaidBefore()
    for check, everything in failures:
        cause = causes.get(check.id)
        if cause is not None:
            together = [pair for pair in failures if causes.get(pair[0].id) == cause]
            if cause.key not in shown_causes:
                checks.append(_together(cause, together, said_before))
            shown_causes.add(cause.key)
            continue
        shown = said_before.shortened(everything)
        is_names = check.category == OTHER_NAMES
        if check.status in ("failed", "error", "timeout") and shown.in_full and (not has_full_one or is_names):
            first, *rest = message(shown)
            checks.append(CheckFeedback(WORDS[check.status], (first,), tuple(rest), _worth(check)))
            # What there is to say about names has no case, so the next failure still shows its own.
            has_full_one |= not is_names
        else:
            checks.append(CheckFeedback(WORDS[check.status], tuple(in_brief(shown)), (), _worth(check)))
    return ExerciseFeedback(notes, checks=tuple(checks))


def _together(cause: Cause, failures: Sequence[tuple[CheckResult, Shown]], said_before: SaidBefore) -> CheckFeedback:
    """Write about checks that fail for one cause, with the first of them that may be shown."""
    check, everything = next((pair for pair in failures if pair[1].in_full), failures[0])
    shown = said_before.shortened(everything)
    first, *lines = rows_as_text("", [row for row in shown.rows if row.kind in ABOUT_A_CAUSE], shown.mistakes)
    sentence = cause.sentence.format(count=len(failures)) or first or in_brief(shown)[0]
    kept, points = added(failed.score for failed, _ in failures), added(failed.points for failed, _ in failures)
    hidden = sum(failed.visibility == "hidden" for failed, _ in failures)
    which = f"{len(failures)} checks{f', {hidden} of them hidden' if hidden else ''}"
    worth = f"{which}: {in_points(kept)} of {in_points(points)} points"
    return CheckFeedback(WORDS[check.status], (sentence,), tuple(lines), worth)


def _have_one_reason(failures: Sequence[tuple[CheckResult, Shown]]) -> bool:
    """Say whether all checks failed for one reason that isn't about any of them, such as a failed import."""
    first, *others = [check.rows for check, _ in failures]
    return any(row.kind in INSTEAD_OF_TITLE for row in first) and all(rows == first for rows in others)


def _exercise_as_markdown(exercise: Exercise, result: ExerciseResult, level: FeedbackLevel) -> list[str]:
    about = exercise_feedback(exercise, result, level)
    lines = ["", f"## {exercise.title} (`{exercise.id}`): {WORDS[result.status]}", ""]
    lines += [line for sentence in about.sentences for line in (sentence, "")]
    if about.text:
        lines += ["```text", about.text, "```"]
    for check in about.checks:
        lines.append(f"- {check.status}. {' '.join(check.sentences)} ({check.worth})")
        lines += ["", "```text", *check.lines, "```", ""] if check.lines else []
    return lines if about.text or about.checks else lines[:-1]


def _escaped(text: str, limit: int) -> str:
    """Make untrusted text harmless in Markdown, and in HTML that is generated from it."""
    marks = re.sub(r"([\\`*_\[\]|~#!])", r"\\\1", printable(text, limit))
    return html.escape(marks, quote=False)


def _worth(check: CheckResult) -> str:
    hidden = ", hidden check" if check.visibility == "hidden" else ""
    return f"{in_points(check.score)} of {in_points(check.points)} point{'' if check.points == 1 else 's'}{hidden}"


def tally_of(result: ExerciseResult) -> str:
    """Say how many visible and hidden checks an exercise passed, and its points."""
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
