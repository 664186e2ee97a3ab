"""Final scores: the scores from the checks, adjusted by manual scores, rubric items and lateness.

Manual scores of checks and exercises are applied first, then rubric items for exercises, late penalties, and rubric
items for the total. A manual total score is final: nothing is added to it or deducted from it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from grader.course import Assignment, Course, added
from grader.course.lateness import LateRule
from grader.grading.class_files import Register
from grader.grading.marks import ByHand, Override
from grader.grading.results import Adjustment, Lateness, MemberResult, Results, RubricItem, SubmissionResult


def adjusted(course: Course, results: Results, register: Register) -> Results:
    """Return results with final scores, adjusted as the instructor's files say."""
    submissions = [
        adjusted_submission(
            course,
            submission,
            register.by_hand.get(submission.id, ByHand()),
            register.handed_in.get(submission.id, {}),
            register.extensions.get(submission.id, {}),
        )
        for submission in results.submissions
    ]
    return msgspec.structs.replace(results, submissions=submissions)


def adjusted_submission(
    course: Course,
    submission: SubmissionResult,
    by_hand: ByHand,
    handed_in: Mapping[str, datetime],
    extensions: Mapping[str, datetime],
) -> SubmissionResult:
    """Return a submission's result with its final score.

    Args:
        course: the course.
        submission: the result, of which only the automatic scores are read.
        by_hand: the instructor's comment, scores and rubric items.
        handed_in: hand-in times, by assignment; an assignment without one is not late.
        extensions: extended due dates, by assignment.
    """
    adjustments = [_adjustment(submission, override) for override in by_hand.scores]
    manual_total = next((adjustment for adjustment in adjustments if adjustment.exercise is None), None)
    items = list(by_hand.items)
    scores = _scores(submission, adjustments, items)
    late = [
        lateness
        for assignment in course.assignments
        for lateness in _lateness(submission, assignment, scores, handed_in, extensions, manual_total is None)
    ]
    total = added(scores.values()) if adjustments or items else submission.score
    final = _after_late_penalties(total, late)
    final = max(0.0, added([final, *(item.points for item in by_hand.total_items)]))
    return msgspec.structs.replace(
        submission,
        final_score=manual_total.score if manual_total else final,
        late=late,
        extensions=dict(extensions),
        adjustments=adjustments,
        comment=by_hand.comment.strip(),
        items=items,
        members={
            name: _member(adjusted_submission(course, submission, own, handed_in, extensions))
            for name, own in by_hand.members.items()
        },
    )


def _member(result: SubmissionResult) -> MemberResult:
    return MemberResult(result.final_score, result.late, result.adjustments, result.items, result.comment)


def as_member(submission: SubmissionResult, name: str) -> SubmissionResult:
    """Return a group's result as it is for the member for whom the marks have an entry under a name."""
    own = submission.members[name]
    return msgspec.structs.replace(
        submission,
        final_score=own.final_score,
        late=own.late,
        adjustments=own.adjustments,
        items=own.items,
        comment=own.comment,
        members={},
    )


def _after_late_penalties(total: float, late: Sequence[Lateness]) -> float:
    return min(total, max(0.0, added([total, *(-lateness.penalty for lateness in late)])))


def _adjustment(submission: SubmissionResult, override: Override) -> Adjustment:
    automatic = submission.score
    if override.exercise is not None:
        exercise = submission.exercises[override.exercise]
        automatic = exercise.score
        if override.check is not None:
            automatic = next(check.score for check in exercise.checks if check.id == override.check)
    return Adjustment(override.exercise, override.check, automatic, override.score, override.reason.strip())


def _lateness(
    submission: SubmissionResult,
    assignment: Assignment,
    scores: Mapping[str, float],
    handed_in: Mapping[str, datetime],
    extensions: Mapping[str, datetime],
    has_penalty: bool,
) -> list[Lateness]:
    """Return how late an assignment is, in a list that is empty if it isn't late."""
    due, time = extensions.get(assignment.id, assignment.due), handed_in.get(assignment.id)
    rule = assignment.late or LateRule()
    if due is None or time is None or not rule.days(due, time):
        return []
    share = rule.share(due, time)
    max_score = added(submission.exercises[name].max_score for name in assignment.exercises)
    score = added(scores[name] for name in assignment.exercises)
    closed = rule.is_closed(due, time)
    penalty = score if closed else min(score, round(share * max_score, 2))
    return [
        Lateness(
            assignment=assignment.id,
            due=due,
            handed_in=time,
            days=rule.days(due, time),
            share=share,
            max_score=max_score,
            penalty=penalty if has_penalty else 0.0,
            closed=closed,
        )
    ]


def assignment_score(submission: SubmissionResult, exercises: Sequence[str], assignment: str) -> float:
    """Return an assignment's score, with manual scores, rubric items and lateness taken into account.

    A manual total score and rubric items for the total belong to no assignment, so they don't change this score.
    """
    scores = _scores(submission, submission.adjustments, submission.items)
    penalties = [-late.penalty for late in submission.late if late.assignment == assignment]
    return max(0.0, added([*(scores[name] for name in exercises), *penalties]))


def points_of_items(submission: SubmissionResult) -> float:
    """Return by how many points all rubric items together changed the final score.

    That may be less than their points, because they take no score below 0, and nothing if the total is set by hand.
    """
    if has_manual_total(submission):
        return 0.0
    with_items = added(_scores(submission, submission.adjustments, submission.items).values())
    without = added(_scores(submission, submission.adjustments, ()).values())
    of_total = submission.final_score - _after_late_penalties(with_items, submission.late)
    return added([with_items, -without, of_total]) if submission.items else 0.0


def has_manual_total(submission: SubmissionResult) -> bool:
    """Say whether the total score was set by hand."""
    return any(adjustment.exercise is None for adjustment in submission.adjustments)


def _scores(
    submission: SubmissionResult, adjustments: Sequence[Adjustment], items: Sequence[RubricItem]
) -> dict[str, float]:
    """Return the exercises' scores with the manual scores of exercises and checks applied, and then rubric items."""
    scores = {name: result.score for name, result in submission.exercises.items()}
    for adjustment in adjustments:
        if adjustment.exercise is not None and adjustment.check is None:
            scores[adjustment.exercise] = adjustment.score
        elif adjustment.exercise is not None:
            scores[adjustment.exercise] += adjustment.score - adjustment.automatic
    # If `builtins` left only a share, an exercise may have fewer points than its check loses.
    scores = {name: max(0.0, added([score])) for name, score in scores.items()}
    for name in {item.exercise: None for item in items if item.exercise is not None}:
        points = [item.points for item in items if item.exercise == name]
        scores[name] = max(0.0, added([scores[name], *points]))
    return scores


def is_adjusted(submission: SubmissionResult) -> bool:
    """Say whether manual scores, rubric items or lateness affect the score."""
    return bool(submission.adjustments or submission.items or submission.late)
