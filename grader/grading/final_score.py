"""Final scores: the scores from the checks, adjusted by manual scores and lateness.

Manual scores are applied first, then late penalties. A manual total score is final: no late penalty is deducted from
it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from grader.course import Assignment, Course, added
from grader.course.lateness import LateRule
from grader.grading.class_files import ByHand, Override, Register
from grader.grading.results import Adjustment, Lateness, Results, SubmissionResult


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
        by_hand: the instructor's comment and scores.
        handed_in: hand-in times, by assignment; an assignment without one is not late.
        extensions: extended due dates, by assignment.
    """
    adjustments = [_adjustment(submission, override) for override in by_hand.scores]
    manual_total = next((adjustment for adjustment in adjustments if adjustment.exercise is None), None)
    scores = _scores(submission, adjustments)
    late = [
        lateness
        for assignment in course.assignments
        for lateness in _lateness(submission, assignment, scores, handed_in, extensions, manual_total is None)
    ]
    total = added(scores.values()) if adjustments else submission.score
    final = added([total, *(-lateness.penalty for lateness in late)])
    return msgspec.structs.replace(
        submission,
        final_score=manual_total.score if manual_total else min(total, max(0.0, final)),
        late=late,
        extensions=dict(extensions),
        adjustments=adjustments,
        comment=by_hand.comment.strip(),
    )


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
    """Return an assignment's score, with manual scores and lateness taken into account.

    A manual total score belongs to no assignment, so it doesn't change this score.
    """
    scores = _scores(submission, submission.adjustments)
    penalties = [-late.penalty for late in submission.late if late.assignment == assignment]
    return max(0.0, added([*(scores[name] for name in exercises), *penalties]))


def _scores(submission: SubmissionResult, adjustments: Sequence[Adjustment]) -> dict[str, float]:
    """Return the exercises' scores with the manual scores of exercises and checks applied."""
    scores = {name: result.score for name, result in submission.exercises.items()}
    for adjustment in adjustments:
        if adjustment.exercise is not None and adjustment.check is None:
            scores[adjustment.exercise] = adjustment.score
        elif adjustment.exercise is not None:
            scores[adjustment.exercise] += adjustment.score - adjustment.automatic
    # If `builtins` left only a share, an exercise may have fewer points than its check loses.
    return {name: max(0.0, added([score])) for name, score in scores.items()}


def is_adjusted(submission: SubmissionResult) -> bool:
    """Say whether manual scores or lateness affect the score."""
    return bool(submission.adjustments or submission.late)
