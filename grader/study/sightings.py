"""What a run of checks found about a learner's own files, exercise by exercise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from grader.checks.outcome import Outcome
from grader.course import Check
from grader.study.record import Sighting
from grader.study.state import KnownMistake


def sightings(files: Mapping[str, bytes], results: Sequence[tuple[Check, Outcome]]) -> list[Sighting]:
    """Gather what was found about the learner's own files, exercise by exercise.

    Args:
        files: the files as they were when the checks began.
        results: each check that ran, and its outcome.
    """
    found_sightings = []
    for name, content in files.items():
        outcomes = {check.id: outcome for check, outcome in results if check.exercise == name}
        if not outcomes or any(outcome.machine for outcome in outcomes.values()):
            continue
        mistakes: dict[str, KnownMistake] = {}
        for outcome in outcomes.values():
            mistakes |= {made.hint: KnownMistake(made.did, made.hint) for made in outcome.mistakes}
        over_standins = any(outcome.over_standins for outcome in outcomes.values())
        statuses = {check: outcome.status for check, outcome in outcomes.items()}
        found_sightings.append(Sighting(name, content, statuses, over_standins, tuple(mistakes.values())))
    return found_sightings
