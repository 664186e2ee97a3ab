"""The verdict on a submission: the outcomes of its checks, added up into exercises and a score."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from grader.course import Check, Course, Exercise, added
from grader.course.claims import HUNDREDTHS, divided
from grader.failures.as_text import remark_text
from grader.grading.results import (
    BuiltinsUsed,
    CheckResult,
    ExerciseResult,
    ExerciseStatus,
    FailsTogether,
    SubmissionResult,
)

if TYPE_CHECKING:
    from grader.checks.outcome import Outcome


def verdict(
    course: Course,
    submission: str,
    outcomes: Mapping[tuple[str, str], Outcome],
    notes: Sequence[str] = (),
    sandboxed: bool = False,
    digest: str = "",
    behaviors: Mapping[str, Sequence[str]] | None = None,
    only: Collection[str] | None = None,
) -> SubmissionResult:
    """Add up the outcomes of the checks.

    Args:
        course: the course.
        submission: the submission's id.
        outcomes: by exercise id and check id; a missing one means that the check was not run, which is the grader's
            fault.
        notes: remarks about the submission's files.
        sandboxed: whether the learner's code ran in a sandbox.
        digest: the submission's digest.
        behaviors: by exercise id, the digests of how it fails without a known mistake (`grader.grading.behavior`).
        only: the ids of the exercises to add up; by default all.
    """
    # Imported here because it imports torch, which code that only reads verdicts doesn't need.
    from grader.checks.outcome import NOT_RUN

    exercises: dict[str, ExerciseResult] = {}
    fault = False
    for exercise in [exercise for exercise in course.exercises if only is None or exercise.id in only]:
        check_outcomes = [(check, outcomes.get((exercise.id, check.id), NOT_RUN)) for check in exercise.checks]
        fault = fault or any(outcome.machine for _, outcome in check_outcomes)
        behavior = (behaviors or {}).get(exercise.id, ())
        exercises[exercise.id] = _exercise_result(course, exercise, check_outcomes, behavior)
    return assemble(submission, exercises, notes, sandboxed, digest, fault)


def assemble(
    submission: str,
    exercises: Mapping[str, ExerciseResult],
    notes: Sequence[str],
    sandboxed: bool,
    digest: str,
    fault: bool = False,
) -> SubmissionResult:
    """Combine the results of exercises; manual scores and lateness are not taken into account yet."""
    score = added(result.score for result in exercises.values())
    return SubmissionResult(
        id=submission,
        digest=digest,
        score=score,
        max_score=added(result.max_score for result in exercises.values()),
        final_score=score,
        late=[],
        extensions={},
        adjustments=[],
        comment="",
        sandboxed=sandboxed,
        fault=fault,
        notes=list(notes),
        exercises=dict(exercises),
    )


def rescored(course: Course, exercise: Exercise, result: ExerciseResult) -> ExerciseResult:
    """Return a kept result with the course's present titles, points and rules for scores; nothing runs again.

    Args:
        course: the course.
        exercise: the exercise, which has the same checks as when it was graded.
        result: its result.
    """
    pairs = [(exercise.check(check.id), check) for check in result.checks]
    checks = [
        msgspec.structs.replace(kept, title=check.title, points=check.points, score=score)
        for (check, kept), score in zip(pairs, scores(pairs, course.mistake_cap, exercise.mistake_caps), strict=True)
    ]
    builtins = None if result.builtins is None else _builtins_used(exercise, result.builtins.names)
    return msgspec.structs.replace(
        result,
        score=_score(checks, builtins),
        max_score=exercise.max_score,
        builtins=builtins,
        checks=checks,
    )


def exercise_status(outcomes: Sequence[Outcome]) -> ExerciseStatus:
    """Return the status of an exercise, given the outcomes of its checks."""
    kinds = {outcome.status for outcome in outcomes}
    if any(outcome.machine for outcome in outcomes):
        return "error"
    if kinds == {"passed"}:
        return "passed"
    if kinds <= {"not_started"}:
        return "not_started"
    if "error" in kinds and kinds <= {"error", "skipped"}:
        return "error"
    return "failed"


def fails_together(outcomes: Sequence[Outcome]) -> FailsTogether | None:
    """Return the learner's other modules that an exercise fails with; None unless stand-ins replaced them."""
    if not any(outcome.over_standins for outcome in outcomes):
        return None
    harmful = dict.fromkeys(name for outcome in outcomes for name in outcome.harmful)
    unwritten = dict.fromkeys(name for outcome in outcomes for name in outcome.unwritten)
    return FailsTogether([name for name in harmful if name not in unwritten], list(unwritten))


def builtins_used(exercise: Exercise, outcomes: Sequence[Outcome]) -> BuiltinsUsed | None:
    """Return the built-in operations that were used instead of writing them; None if there were none."""
    names = [name for name in exercise.builtins.names if any(name in outcome.used for outcome in outcomes)]
    return _builtins_used(exercise, names) if names else None


def _builtins_used(exercise: Exercise, names: list[str]) -> BuiltinsUsed:
    policy = exercise.builtins.policy
    share = {"note": 1.0, "deduct": exercise.builtins.keep, "forbid": 0.0}[policy]
    return BuiltinsUsed(names, policy, share)


def scores(
    check_outcomes: Sequence[tuple[Check, Outcome | CheckResult]],
    mistake_cap: float,
    mistake_caps: Mapping[str, float],
) -> list[float]:
    """Return the score of each check of an exercise: its points if it passed, and otherwise usually nothing.

    The failures that known mistakes explain cost no more than a share of the exercise for each of these mistakes; the
    points beyond that are given back. A failure that no known mistake explains costs its points, and so do code that
    isn't finished, ends its process or takes too long.

    Args:
        check_outcomes: the checks of the exercise with their outcomes.
        mistake_cap: the largest share of an exercise that one known mistake costs.
        mistake_caps: the same for single mistakes, by name.
    """
    scores = [check.points if outcome.status == "passed" else 0.0 for check, outcome in check_outcomes]
    explained = [check.points if is_explained(outcome) else 0.0 for check, outcome in check_outcomes]
    names = {mistake.name for _, outcome in check_outcomes if is_explained(outcome) for mistake in outcome.mistakes}
    most = sum(mistake_caps.get(name, mistake_cap) for name in names) * added(
        check.points for check, _ in check_outcomes
    )
    given_back = round(HUNDREDTHS * (added(explained) - most))
    if given_back <= 0:
        return scores
    shares = divided(given_back, [round(HUNDREDTHS * points) for points in explained])
    return [added([score, share / HUNDREDTHS]) for score, share in zip(scores, shares, strict=True)]


def is_explained(result: Outcome | CheckResult) -> bool:
    """Say whether known mistakes explain why a check failed; a fact may be only one of several causes."""
    return result.status == "failed" and any(not mistake.is_measured for mistake in result.mistakes)


def _exercise_result(
    course: Course,
    exercise: Exercise,
    check_outcomes: Sequence[tuple[Check, Outcome]],
    behavior: Sequence[str],
) -> ExerciseResult:
    scores_of_checks = scores(check_outcomes, course.mistake_cap, exercise.mistake_caps)
    checks = [
        CheckResult(
            id=check.id,
            title=check.title,
            visibility=check.visibility,
            status=outcome.status,
            points=check.points,
            score=score,
            category=outcome.category,
            rows=outcome.rows,
            mistakes=outcome.mistakes,
            counterexample=outcome.counterexample,
        )
        for (check, outcome), score in zip(check_outcomes, scores_of_checks, strict=True)
    ]
    outcomes = [outcome for _, outcome in check_outcomes]
    builtins = builtins_used(exercise, outcomes)
    return ExerciseResult(
        status=exercise_status(outcomes),
        score=_score(checks, builtins),
        max_score=exercise.max_score,
        together=fails_together(outcomes),
        builtins=builtins,
        checks=checks,
        remarks=list(dict.fromkeys(remark_text(row) for outcome in outcomes for row in outcome.remarks)),
        behavior=list(behavior),
    )


def _score(checks: Sequence[CheckResult], builtins: BuiltinsUsed | None) -> float:
    return added([(1.0 if builtins is None else builtins.share) * sum(check.score for check in checks)])
