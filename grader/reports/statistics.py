"""What a class's results say: scores, common mistakes, and which checks are hard or tell nobody from nobody."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from grader.course import Course, Visibility
from grader.grading.results import Results, SubmissionResult

BINS = 10
ENOUGH = 20
"""Submissions from which on a correlation is told; with fewer, chance alone makes any."""
WEAK = 0.1
"""A correlation below this hardly tells strong submissions from weak ones."""
MOST, MOST_OF_AN_EXERCISE = 12, 3
"""Checks in a list, and of one exercise in it."""
COMMON_SHARE, COMMON_COUNT = 0.2, 3
"""From this share and this number of students on, a mistake is worth time in class."""
NOT_TRIED = ("not_started", "skipped")


@dataclass(frozen=True)
class Item:
    """How a check went in the class.

    Attributes:
        tried: how many submissions it ran on; not started ones are left out.
        passed: how many of these passed it.
        discrimination: the correlation of passing it with the points of all other checks; None where there are too
            few submissions, or where all or none passed.
    """

    exercise: str
    title: str
    visibility: Visibility
    tried: int
    passed: int
    discrimination: float | None

    @property
    def difficulty(self) -> float:
        """The share that passed."""
        return self.passed / self.tried


@dataclass(frozen=True)
class Common:
    """A mistake, who makes it, and of how many who tried the exercise."""

    exercise: str
    name: str
    told: str
    students: tuple[str, ...]
    tried: int

    @property
    def sentence(self) -> str:
        """Say how common it is, and what follows."""
        count = len(self.students)
        often = count >= COMMON_COUNT and count >= COMMON_SHARE * self.tried
        advice = ": worth five minutes in the next class" if often else ""
        return f"{count} of the {self.tried} who tried it{advice}."


def graded(results: Results) -> list[SubmissionResult]:
    """List the submissions that count: where the grader itself failed, the score says nothing."""
    return [one for one in results.submissions if not one.fault]


def histogram(results: Results) -> list[int]:
    """Count the submissions in each tenth of the points; full marks belong to the last."""
    counts = [0] * BINS
    for one in graded(results):
        counts[min(BINS - 1, int(BINS * share(one.score, one.max_score)))] += 1
    return counts


def share(score: float, max_score: float) -> float:
    """Return the share of the points; nothing of nothing is nothing."""
    return min(1.0, max(0.0, score / max_score)) if max_score else 0.0


def median(results: Results) -> float:
    """Return the middle score; 0 where there is none."""
    scores = [one.score for one in graded(results)]
    return statistics.median(scores) if scores else 0.0


def items(course: Course, results: Results) -> list[Item]:
    """Look at every check, in course order."""
    submissions = [(_points_of_all(one), one) for one in graded(results)]
    found = []
    for exercise in course.exercises:
        for place, check in enumerate(exercise.checks):
            ran = [
                (points, result)
                for points, one in submissions
                for result in [one.exercises[exercise.id].checks[place]]
                if result.status not in NOT_TRIED
            ]
            if ran:
                passed = [float(result.status == "passed") for _, result in ran]
                others = [points - result.score for points, result in ran]
                found.append(
                    Item(
                        exercise.id,
                        check.title,
                        check.visibility,
                        len(ran),
                        int(sum(passed)),
                        _correlation(passed, others),
                    )
                )
    return found


def hardest(found: Sequence[Item]) -> list[Item]:
    """List the checks that the fewest passed, the hardest first."""
    failed = [item for item in found if item.passed < item.tried]
    return _first(sorted(failed, key=lambda item: (item.difficulty, -item.tried)))


def weak(found: Sequence[Item]) -> list[Item]:
    """List the checks on which strong submissions do no better than weak ones."""
    low = [item for item in found if item.discrimination is not None and item.discrimination < WEAK]
    return _first(sorted(low, key=lambda item: item.discrimination or 0.0))


def _first(found: Sequence[Item]) -> list[Item]:
    """Take the first ones of each exercise: one mistake fails many checks, and would fill the list."""
    seen: Counter[str] = Counter()
    kept = []
    for item in found:
        seen[item.exercise] += 1
        if seen[item.exercise] <= MOST_OF_AN_EXERCISE:
            kept.append(item)
    return kept[:MOST]


def common_mistakes(course: Course, results: Results) -> list[Common]:
    """List the mistakes that were named, the commonest first."""
    found = []
    for exercise in course.exercises:
        who: dict[str, list[str]] = {}
        told: dict[str, str] = {}
        tried = 0
        for one in graded(results):
            checks = one.exercises[exercise.id].checks
            tried += any(check.status not in NOT_TRIED for check in checks)
            made = {mistake.name: mistake.did for check in checks for mistake in check.mistakes}
            for name in sorted(made):
                who.setdefault(name, []).append(one.id)
            told |= made
        found += [Common(exercise.id, name, told[name], tuple(students), tried) for name, students in who.items()]
    return sorted(found, key=lambda one: (-len(one.students), one.exercise, one.name))


def _points_of_all(submission: SubmissionResult) -> float:
    return sum(check.score for result in submission.exercises.values() for check in result.checks)


def _correlation(one: Sequence[float], other: Sequence[float]) -> float | None:
    if len(one) < ENOUGH or len(set(one)) < 2 or len(set(other)) < 2:
        return None
    return statistics.correlation(one, other)
