"""Points and final scores in words, so that students and instructors see where a score comes from."""

from __future__ import annotations

from datetime import datetime

from grader.course import Course, added
from grader.failures.standins import graded_over_standins
from grader.grading.final_score import has_manual_total, is_adjusted, points_of_items
from grader.grading.results import (
    Adjustment,
    BuiltinsUsed,
    ExerciseResult,
    Lateness,
    RubricItem,
    SubmissionResult,
)
from grader.grading.verdict import is_explained

FAULT = "Part of this could not be graded. That is the grader's fault, not yours."
NOT_SANDBOXED = "Graded without a sandbox."
# Not by `strftime`, which would use the language of the machine.
MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


def in_points(value: float) -> str:
    """Write points with at most two decimals."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def account(course: Course, submission: SubmissionResult) -> list[str]:
    """Write, as lines of Markdown, how the score was adjusted and the instructor's comment; empty if there is neither.

    The first sentence says how the final score adds up.
    """
    lines: list[str] = []
    first, *others = sentences(course, submission) or [""]
    if first:
        lines += [first, "", *(f"- {sentence}" for sentence in others)]
        lines += [line for head, text in items_in_words(course, submission) for line in _list_item(head, text)]
        lines.append("")
    if submission.comment:
        lines += [f"> {line}".rstrip() for line in submission.comment.splitlines()] + [""]
    return lines


def sentences(course: Course, submission: SubmissionResult) -> list[str]:
    """Say how the final score adds up, then explain each part of it; empty if it is the score from the checks."""
    if not is_adjusted(submission):
        return []
    manual = [_adjustment_in_words(course, submission, adjustment) for adjustment in submission.adjustments]
    return [_sum_in_words(submission), *manual, *(_late_in_words(late) for late in submission.late)]


def items_in_words(course: Course, submission: SubmissionResult) -> list[tuple[str, str]]:
    """Say of each rubric item what it is about and how many points it's worth; the second part is its text."""
    counts = not has_manual_total(submission)
    return [(_item_in_words(course, item, counts), item.text) for item in submission.items]


def _item_in_words(course: Course, item: RubricItem, counts: bool) -> str:
    about = "Total score" if item.exercise is None else course.by_id[item.exercise].title
    return f"{about}, {signed(item.points)}{'' if counts else ' (not counted, because the total was set by hand)'}"


def signed(points: float) -> str:
    """Write points that are added or taken off in words: "minus 2"."""
    return f"{'minus' if points < 0 else 'plus'} {in_points(abs(points))}" if points else "no points"


def _list_item(head: str, text: str) -> list[str]:
    """Write a rubric item as an item of a list in Markdown; its text may have several paragraphs."""
    first, *others = text.splitlines()
    return [f"- {head}: {first}", *(f"  {line}".rstrip() for line in others)]


def exercise_notes(result: ExerciseResult) -> list[str]:
    """Say what else decided the score of an exercise: the most that a known mistake costs, stand-ins, and built-ins."""
    notes = []
    all_passed = result.status == "passed"
    if any(check.score and check.status != "passed" for check in result.checks):
        notes.append(_cap_in_words(result))
    if result.together is not None:
        notes.append(graded_over_standins(result.together.modules, result.together.not_written, all_passed))
    if result.builtins is not None:
        notes.append(_builtins_in_words(result.builtins, all_passed))
    return notes


def _cap_in_words(result: ExerciseResult) -> str:
    explained = [check for check in result.checks if is_explained(check)]
    count = len({mistake.name for check in explained for mistake in check.mistakes})
    mistakes = "One known mistake explains" if count == 1 else f"{count} known mistakes explain"
    checks = "a check that failed" if len(explained) == 1 else f"{len(explained)} checks that failed"
    points, costs = added(check.points for check in explained), added(check.points - check.score for check in explained)
    worth = "It's worth" if len(explained) == 1 else "They're worth"
    unit = "point" if points == 1 else "points"
    return f"{mistakes} {checks}. {worth} {in_points(points)} {unit}, but you lose only {in_points(costs)}."


def _builtins_in_words(used: BuiltinsUsed, all_passed: bool) -> str:
    text = f"Uses {', '.join(used.names)}, which this exercise asks you to write yourself"
    match used.policy:
        case "forbid":
            return f"{text}. This course doesn't allow that, so the exercise gets no points."
        case "deduct":
            return f"{text}. In this course, that leaves {used.share:.0%} of the points for the checks that passed."
    return f"{text}. This course only mentions it; no points are lost." if all_passed else f"{text}."


def _adjustment_in_words(course: Course, submission: SubmissionResult, adjustment: Adjustment) -> str:
    scores = f"{in_points(adjustment.score)} instead of {in_points(adjustment.automatic)}. {adjustment.reason}"
    if adjustment.exercise is None:
        return f"Total score: {scores}"
    exercise = course.by_id[adjustment.exercise]
    if adjustment.check is None:
        return f"{exercise.title}: {scores}"
    check = exercise.check(adjustment.check)
    # The title of a hidden check must not leak here either.
    is_secret = check.visibility == "hidden" and (
        course.feedback_level(adjustment.exercise, None, submission.extensions) == "category"
    )
    name = "a hidden check" if is_secret else f'"{check.title}"'
    return f"{exercise.title}, {name}: {scores}"


def _sum_in_words(submission: SubmissionResult) -> str:
    """Say in one sentence how the final score adds up."""
    checks = f"{in_points(submission.score)} of {in_points(submission.max_score)} from the checks"
    final = f"{in_points(submission.final_score)} of {in_points(submission.max_score)}"
    if has_manual_total(submission):
        return f"{checks}, set to {final} by hand."
    penalties = sum(late.penalty for late in submission.late)
    by_items = points_of_items(submission)
    change = added([submission.final_score, penalties, -submission.score, -by_items])
    parts = [checks]
    if submission.adjustments:
        parts.append(f"{'minus' if change < 0 else 'plus'} {in_points(abs(change))} by hand")
    if submission.items:
        parts.append(f"{'minus' if by_items < 0 else 'plus'} {in_points(abs(by_items))} from the rubric")
    parts += [
        f"minus {in_points(late.penalty)} for `{late.assignment}` ({_days_in_words(late)})" for late in submission.late
    ]
    return f"{', '.join(parts)}: {final}."


def _late_in_words(late: Lateness) -> str:
    """Say how late an assignment was handed in, and how many points are deducted."""
    due, handed_in = (_time_in_words(time.astimezone(late.due.tzinfo)) for time in (late.due, late.handed_in))
    minus = f"minus {in_points(late.penalty)}"
    if late.penalty == 0:
        deduction = "no points are deducted"
    elif late.closed:
        deduction = f"{minus}, its whole score, because it was already closed"
    else:
        share = f"{late.share * 100:g}% of its {in_points(late.max_score)} points"
        is_full_penalty = late.penalty >= round(late.share * late.max_score, 2)
        deduction = f"{minus}, {share}" if is_full_penalty else f"{minus}, its whole score (the penalty is {share})"
    zone = late.due.tzname() or ""
    times = f"was due {due} and handed in {handed_in} ({zone})"
    return f"`{late.assignment}` {times}, {_days_in_words(late)}: {deduction}."


def _days_in_words(late: Lateness) -> str:
    return "one day late" if late.days == 1 else f"{late.days} days late"


def _time_in_words(value: datetime) -> str:
    """Write a time for people, without its zone: "January 31, 2027, 23:59"; with seconds only if there are any."""
    clock = f"{value:%H:%M:%S}" if value.second else f"{value:%H:%M}"
    return f"{MONTHS[value.month - 1]} {value.day}, {value.year}, {clock}"
