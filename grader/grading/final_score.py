"""Final scores: what a score becomes when scores by hand and lateness have been taken in.

Scores by hand come first, then lateness; a score of everything is the last word, and lateness takes nothing off it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from grader.course import Assignment, Course
from grader.course.lateness import LateRule
from grader.grading.class_files import ByHand, Override, Register
from grader.grading.results import Adjustment, Lateness, Results, SubmissionResult

DIGITS = 9
"""After the point: so that 41 - 12.3 is 28.7 in the file too."""


def adjusted(course: Course, results: Results, register: Register) -> Results:
    """Return results with the final scores that the instructor's files make of them."""
    submissions = [
        adjusted_submission(
            course,
            one,
            register.by_hand.get(one.id, ByHand()),
            register.handed_in.get(one.id, {}),
            register.extensions.get(one.id, {}),
        )
        for one in results.submissions
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
        submission: the result, of which the automatic scores are read alone.
        by_hand: the instructor's comment and scores.
        handed_in: when it was handed in, by assignment; what is missing is not late.
        extensions: until when it may be, by assignment, where that is not the due date.
    """
    adjustments = [_adjustment(submission, override) for override in by_hand.scores]
    everything = next((one for one in adjustments if one.exercise is None), None)
    scores = _scores(submission, adjustments)
    late = [
        lateness
        for assignment in course.assignments
        for lateness in _lateness(submission, assignment, scores, handed_in, extensions, everything is None)
    ]
    total = sum(scores.values()) if adjustments else submission.score
    final = total - sum(one.penalty for one in late)
    return msgspec.structs.replace(
        submission,
        final_score=everything.score if everything else min(total, max(0.0, round(final, DIGITS))),
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
    costs: bool,
) -> list[Lateness]:
    """Return how late an assignment is; nothing where it is not."""
    due, moment = extensions.get(assignment.id, assignment.due), handed_in.get(assignment.id)
    rule = assignment.late or LateRule()
    if due is None or moment is None or not rule.days(due, moment):
        return []
    share = rule.share(due, moment)
    worth = sum(submission.exercises[name].max_score for name in assignment.exercises)
    got = sum(scores[name] for name in assignment.exercises)
    closed = rule.is_closed(due, moment)
    penalty = got if closed else min(got, round(share * worth, 2))
    return [
        Lateness(
            assignment=assignment.id,
            due=due,
            handed_in=moment,
            days=rule.days(due, moment),
            share=share,
            max_score=worth,
            penalty=penalty if costs else 0.0,
            closed=closed,
        )
    ]


def assignment_score(submission: SubmissionResult, exercises: Sequence[str], assignment: str) -> float:
    """Return what an assignment scores, scores by hand and lateness taken in.

    A score by hand of everything belongs to no assignment, and is not in it.
    """
    scores = _scores(submission, submission.adjustments)
    penalty = sum(one.penalty for one in submission.late if one.assignment == assignment)
    return max(0.0, round(sum(scores[name] for name in exercises) - penalty, DIGITS))


def _scores(submission: SubmissionResult, adjustments: Sequence[Adjustment]) -> dict[str, float]:
    """Return the exercises' scores with those by hand of exercises and checks."""
    scores = {name: result.score for name, result in submission.exercises.items()}
    for one in adjustments:
        if one.exercise is not None and one.check is None:
            scores[one.exercise] = one.score
        elif one.exercise is not None:
            scores[one.exercise] += one.score - one.automatic
    # Where `builtins` kept a share alone, an exercise may have less than its check loses.
    return {name: max(0.0, score) for name, score in scores.items()}


def is_adjusted(submission: SubmissionResult) -> bool:
    """Say whether anything but the checks had a say."""
    return bool(submission.adjustments or submission.late)
