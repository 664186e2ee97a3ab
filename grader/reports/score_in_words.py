"""Points and final scores in words: how a score comes about, for those who read it."""

from __future__ import annotations

from datetime import datetime

from grader.course import Course
from grader.grading.final_score import is_adjusted
from grader.grading.results import Adjustment, Lateness, SubmissionResult


def in_points(value: float) -> str:
    """Write points with at most two decimals."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def account(course: Course, submission: SubmissionResult) -> list[str]:
    """Write, as lines of Markdown, what but the checks had a say and what the instructor says; empty where nothing."""
    lines: list[str] = []
    first, *others = sentences(course, submission) or [""]
    if first:
        lines += [first, "", *(f"- {one}" for one in others), ""]
    if submission.comment:
        lines += [f"> {line}".rstrip() for line in submission.comment.splitlines()] + [""]
    return lines


def sentences(course: Course, submission: SubmissionResult) -> list[str]:
    """Say how the final score comes about, and then what each part of it is; nothing where the checks decided alone."""
    if not is_adjusted(submission):
        return []
    by_hand = [_adjustment_in_words(course, submission, one) for one in submission.adjustments]
    return [_sum_in_words(submission), *by_hand, *(_late_in_words(one) for one in submission.late)]


def _adjustment_in_words(course: Course, submission: SubmissionResult, one: Adjustment) -> str:
    scores = f"{in_points(one.score)} in the place of {in_points(one.automatic)}. {one.reason}"
    if one.exercise is None:
        return f"Everything: {scores}"
    exercise = course.by_id[one.exercise]
    if one.check is None:
        return f"{exercise.title}: {scores}"
    check = exercise.check(one.check)
    # What students may not know of a hidden check is not told here either.
    secret = (
        check.visibility == "hidden" and course.feedback_level(one.exercise, None, submission.extensions) == "category"
    )
    name = "a hidden check" if secret else f'"{check.title}"'
    return f"{exercise.title}, {name}: {scores}"


def _sum_in_words(submission: SubmissionResult) -> str:
    """Say how the final score comes about, as one sentence."""
    checks = f"{in_points(submission.score)} of {in_points(submission.max_score)} by the checks"
    end = f"{in_points(submission.final_score)} of {in_points(submission.max_score)}"
    if any(one.exercise is None for one in submission.adjustments):
        return f"{checks}, set to {end} by hand."
    penalties = sum(one.penalty for one in submission.late)
    change = submission.final_score + penalties - submission.score
    parts = [checks]
    if submission.adjustments:
        parts.append(f"{'less' if change < 0 else 'plus'} {in_points(abs(change))} by hand")
    parts += [f"less {in_points(one.penalty)} for `{one.assignment}` {_days_in_words(one)}" for one in submission.late]
    return f"{', '.join(parts)}, makes {end}."


def _late_in_words(late: Lateness) -> str:
    """Say how late an assignment was handed in, and what that costs."""
    due, handed_in = (_moment(one.astimezone(late.due.tzinfo)) for one in (late.due, late.handed_in))
    if late.penalty == 0:
        costs = "nothing is taken off"
    elif late.closed:
        costs = f"less {in_points(late.penalty)}, all that it scored, since it was closed by then"
    else:
        share = f"{late.share * 100:g} % of its {in_points(late.max_score)} points"
        whole = late.penalty >= round(late.share * late.max_score, 2)
        costs = (
            f"less {in_points(late.penalty)}, {f'which is {share}' if whole else f'all that it scored, for {share}'}"
        )
    return f"`{late.assignment}` was due {due} and handed in {handed_in}, {_days_in_words(late)}: {costs}."


def _days_in_words(late: Lateness) -> str:
    return "one day late" if late.days == 1 else f"{late.days} days late"


def _moment(value: datetime) -> str:
    return value.isoformat(" ", "seconds")
