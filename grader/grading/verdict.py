"""The verdict on a submission: what became of each check, added up into exercises and a score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from grader.course import Check, Course, Exercise
from grader.grading.results import CheckResult, ExerciseResult, ExerciseStatus, SubmissionResult

if TYPE_CHECKING:
    from grader.checks.outcome import Outcome


def verdict(
    course: Course,
    submission: str,
    outcomes: Mapping[tuple[str, str], Outcome],
    notes: Sequence[str] = (),
    sandboxed: bool = False,
    digest: str = "",
) -> SubmissionResult:
    """Add up what became of the checks.

    Args:
        course: the course.
        submission: the submission's id.
        outcomes: by exercise id and check id; a check without one was not run, through the grader's fault.
        notes: remarks on what was given.
        sandboxed: whether the learner's code ran inside walls.
        digest: the submission's.
    """
    # Only here: it brings torch along, which those who only read verdicts do not need.
    from grader.checks.outcome import NOT_RUN

    exercises: dict[str, ExerciseResult] = {}
    fault = False
    for exercise in course.exercises:
        own = [(check, outcomes.get((exercise.id, check.id), NOT_RUN)) for check in exercise.checks]
        fault = fault or any(outcome.machine for _, outcome in own)
        statuses = {
            name: result.status
            for name, result in exercises.items()
            if any(check.status != "skipped" for check in result.checks)
        }
        exercises[exercise.id] = _exercise_result(exercise, own, statuses)
    return assemble(submission, exercises, notes, sandboxed, digest, fault)


def assemble(
    submission: str,
    exercises: Mapping[str, ExerciseResult],
    notes: Sequence[str],
    sandboxed: bool,
    digest: str,
    fault: bool = False,
) -> SubmissionResult:
    """Put the results of exercises together; nothing but the checks has had a say yet."""
    score = sum(result.score for result in exercises.values())
    return SubmissionResult(
        id=submission,
        digest=digest,
        score=score,
        max_score=sum(result.max_score for result in exercises.values()),
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


def exercise_status(outcomes: Sequence[Outcome]) -> ExerciseStatus:
    """Say how an exercise stands, from the outcomes of its checks."""
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


def together_note(exercise: Exercise, outcomes: Sequence[Outcome], statuses: Mapping[str, str]) -> str:
    """Say which of the learner's other modules an exercise fails together with, where stand-ins decided; else nothing.

    Args:
        exercise: the exercise.
        outcomes: what became of its checks.
        statuses: how the exercises before it stand, as far as that is known.
    """
    if not any(outcome.over_standins for outcome in outcomes):
        return ""
    unfinished = [name for name in exercise.needs if statuses.get(name, "passed") != "passed"]
    unwritten = [name for name in unfinished if statuses.get(name) == "not_started"]
    unknown = [name for name in exercise.needs if name not in statuses] or list(exercise.needs)
    wrong = [name for name in unfinished if name not in unwritten] or ([] if unwritten else unknown)
    parts = [f"fails together with your {' and '.join(wrong)}"] if wrong else []
    parts += (
        [f"{' and '.join(unwritten)} {'is' if len(unwritten) == 1 else 'are'} not written yet"] if unwritten else []
    )
    return f"Right in itself (marked over stand-ins); {', and '.join(parts)}."


def builtins_note(exercise: Exercise, outcomes: Sequence[Outcome]) -> tuple[str, float]:
    """Say which built-in operations were used in the place of the exercise, and which share of the score is kept."""
    used = [name for name in exercise.builtins.names if any(name in outcome.used for outcome in outcomes)]
    if not used:
        return "", 1.0
    named = f"Uses {', '.join(used)}, which is what this exercise is about"
    match exercise.builtins.policy:
        case "forbid":
            return f"{named}; in this course that is not allowed, and the exercise gets no points.", 0.0
        case "deduct":
            share = exercise.builtins.keep
            return f"{named}; in this course it gets {share:.0%} of its points.", share
    return f"{named}; noted, and full marks.", 1.0


def _exercise_result(
    exercise: Exercise, own: Sequence[tuple[Check, Outcome]], statuses: Mapping[str, str]
) -> ExerciseResult:
    checks = [
        CheckResult(
            id=check.id,
            title=check.title,
            visibility=check.visibility,
            status=outcome.status,
            points=check.points,
            score=check.points if outcome.status == "passed" else 0.0,
            category=outcome.category,
            rows=outcome.rows,
            mistakes=outcome.mistakes,
            counterexample=outcome.counterexample,
        )
        for check, outcome in own
    ]
    outcomes = [outcome for _, outcome in own]
    builtins, kept = builtins_note(exercise, outcomes)
    return ExerciseResult(
        status=exercise_status(outcomes),
        score=kept * sum(check.score for check in checks),
        max_score=exercise.max_score,
        together=together_note(exercise, outcomes, statuses),
        builtins=builtins,
        checks=checks,
    )
