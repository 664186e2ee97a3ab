"""What a run of checks found about a learner's own files, exercise by exercise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from grader.checks.outcome import Outcome
from grader.course import Check
from grader.study.record import Sighting
from grader.study.state import Mistake


def sightings(own: Mapping[str, bytes], results: Sequence[tuple[Check, Outcome]]) -> list[Sighting]:
    """Gather what was found about the learner's own files, exercise by exercise.

    Args:
        own: the files as they were when the checks began.
        results: each check that ran, and what became of it.
    """
    found = []
    for name, content in own.items():
        outcomes = {check.id: outcome for check, outcome in results if check.exercise == name}
        if not outcomes or any(outcome.machine for outcome in outcomes.values()):
            continue
        mistakes: dict[str, Mistake] = {}
        for outcome in outcomes.values():
            lines = outcome.diagnosis.splitlines()[::2]
            mistakes |= {hint: Mistake(did, hint) for did, hint in zip(lines, outcome.hints, strict=True)}
        over_standins = any(outcome.over_standins for outcome in outcomes.values())
        statuses = {check: outcome.status for check, outcome in outcomes.items()}
        found.append(Sighting(name, content, statuses, over_standins, tuple(mistakes.values())))
    return found
