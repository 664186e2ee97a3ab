"""Groups of submissions that fail alike in an exercise although no known mistake explains it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grader.failures.rows import OTHER_NAMES, Row
from grader.grading.results import CheckResult, Results

if TYPE_CHECKING:
    from grader.checks.outcome import Outcome

SEPARATOR = "-"
"""What is between the exercise and the digest in a group's id; the id of an exercise never has it."""

_SAID_OTHERWISE = ("slip", "not_built")
"""The rows that name a cause although no known mistake explains the failure."""


def is_unnamed(failure: Outcome | CheckResult) -> bool:
    """Say whether a check failed and no cause was named: no known mistake, slip or other name."""
    return (
        failure.status == "failed"
        and not any(not mistake.is_measured for mistake in failure.mistakes)
        and not is_about_names(failure.category, failure.rows)
    )


def is_about_names(category: str, rows: Sequence[Row]) -> bool:
    """Say whether a check failed because of names or a slip, given the category and the rows of its failure."""
    return category == OTHER_NAMES or any(row.kind in _SAID_OTHERWISE for row in rows)


@dataclass(frozen=True)
class UnnamedGroup:
    """Submissions that fail alike in an exercise.

    Attributes:
        exercise: the exercise's id.
        ids: the ids that mean this group: each of its submissions has one, and almost always it is the same. The most
            common one comes first, and is shown.
        submissions: the ids of the submissions, in the order of the results.
    """

    exercise: str
    ids: tuple[str, ...]
    submissions: tuple[str, ...]

    @property
    def id(self) -> str:
        """The id that is shown."""
        return self.ids[0]


def unnamed_groups(results: Results) -> list[UnnamedGroup]:
    """List the groups, exercise by exercise, the largest of each exercise first.

    A submission that fails like no other is a group, too. Those on which the grader itself failed are left out.
    """
    exercises = dict.fromkeys(name for submission in results.submissions for name in submission.exercises)
    groups = []
    for exercise in exercises:
        behaviors = {
            submission.id: submission.exercises[exercise].behavior
            for submission in results.submissions
            if not submission.fault and exercise in submission.exercises and submission.exercises[exercise].behavior
        }
        of_exercise = [_group(exercise, members, behaviors) for members in _connected(behaviors)]
        groups += sorted(of_exercise, key=lambda group: (-len(group.submissions), group.id))
    return groups


def _group(exercise: str, members: Sequence[str], behaviors: Mapping[str, Sequence[str]]) -> UnnamedGroup:
    counts = Counter(behaviors[member][0] for member in members)
    ordered = sorted(counts, key=lambda first: (-counts[first], first))
    return UnnamedGroup(exercise, tuple(f"{exercise}{SEPARATOR}{first}" for first in ordered), tuple(members))


def _connected(behaviors: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """Put those together that share a digest, directly or by way of others."""
    groups: list[list[str]] = []
    group_of: dict[str, list[str]] = {}
    for name, digests in behaviors.items():
        joined = [name]
        # A group may have several of these digests.
        for group in {id(group_of[text]): group_of[text] for text in digests if text in group_of}.values():
            joined += group
            groups = [other for other in groups if other is not group]
        groups.append(joined)
        group_of |= {text: joined for member in joined for text in behaviors[member]}
    order = list(behaviors)
    return [sorted(group, key=order.index) for group in groups]
